import ArgumentParser
import Cryptography
import Foundation

/// `mjn doctor`.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks the machine, the settings, the database and the keys, and says what to do.",
        discussion: """
            Changes nothing. Exits 1 when something fails; what is only unwise is a warning.

            Example: mjn doctor
            Example: mjn doctor --config
            """)

    @OptionGroup var node: NodeOptions

    @Option(name: .customLong("port-offset"), help: "Added to the services' ports.")
    var portOffset = 0

    @Flag(help: "List the settings instead, each with its value and where that comes from.")
    var config = false

    @OptionGroup var output: FormatOptions

    func run() async throws {
        if config { return try SettingsList.write(output.chosen) }
        var checks = MachineChecks.all(dataDirectory: node.dataDirectory)
        checks += SettingChecks.all()
        checks += await RailChecks.all()
        checks += KeyChecks.all(dataDirectory: node.dataDirectory)
        checks += await DatabaseChecks.all(dataDirectory: node.dataDirectory)
        checks += await IdentityChecks.all(dataDirectory: node.dataDirectory)
        checks += await PortChecks.all(offset: portOffset)
        try write(checks)
        if checks.contains(where: { $0.state == .fail }) { throw ExitCode(ExitStatus.failed) }
    }

    private func write(_ checks: [Check]) throws {
        switch output.chosen {
        case .table: try writeLines(checks)
        case .json:
            var json = JSONWriter()
            json.beginObject()
            json.field("ok", !checks.contains { $0.state == .fail })
            json.array("checks") { json in for check in checks { check.write(to: &json) } }
            json.endObject()
            try StandardOutput.write(json.bytes + [UInt8(ascii: "\n")])
        case .csv, .jsonl:
            let names = ["name", "state", "detail", "fix"]
            var listing = Listing(names.map { Listing.Column(name: $0) }, format: output.chosen)
            for check in checks {
                try listing.add([
                    .text(check.name), .text(check.state.rawValue), .text(check.detail),
                    check.fix.map { .text($0) } ?? .null,
                ])
            }
            try listing.finish()
        }
    }

    private func writeLines(_ checks: [Check]) throws {
        let style = Style.output
        for check in checks { for line in check.lines(style) { try StandardOutput.line(line) } }
        let failed = checks.count { $0.state == .fail }
        let warned = checks.count { $0.state == .warn }
        let verdict =
            failed > 0
            ? style.red("\(failed) to repair") + (warned > 0 ? ", \(warned) to look at" : "")
            : warned > 0 ? style.yellow("\(warned) to look at") + ", nothing to repair" : style.green("all is well")
        try StandardOutput.line("\n" + verdict)
    }
}

/// The settings of the environment, as a list.
enum SettingsList {
    static func write(_ format: ListFormat) throws {
        let environment = ProcessInfo.processInfo.environment
        if format == .table { return try writeTable(environment) }
        var listing = Listing(
            [
                .init(name: "name"), .init(name: "value"), .init(name: "default"), .init(name: "source"),
                .init(name: "meaning"),
            ], format: format)
        for setting in NodeSettings.all {
            let value = environment[setting.name].flatMap { $0.isEmpty ? nil : $0 }
            try listing.add([
                .text(setting.name), value.map { .text(setting.isSecret ? "********" : $0) } ?? .null,
                .text(setting.fallback), .text(value == nil ? "default" : "environment"), .text(setting.meaning),
            ])
        }
        try listing.finish()
    }

    /// For people: what holds, dimmed where nobody set it.
    private static func writeTable(_ environment: [String: String]) throws {
        var table = Table([.init(title: "NAME"), .init(title: "VALUE", isElastic: true), .init(title: "MEANING")])
        var defaults: Set<Int> = []
        for (row, setting) in NodeSettings.all.enumerated() {
            let value = environment[setting.name].flatMap { $0.isEmpty ? nil : $0 }
            if value == nil { defaults.insert(row) }
            let shown = value.map { setting.isSecret ? "********" : $0 } ?? "(\(setting.fallback))"
            table.add([setting.name, shown, setting.meaning])
        }
        let style = Style.output
        let lines = table.lines(width: Terminal.isOutput ? Terminal.columns : nil, style: style) { row, column, text in
            column == 1 && !defaults.contains(row) ? style.bold(text) : column == 1 ? style.dim(text) : text
        }
        for line in lines { try StandardOutput.line(line) }
        try StandardOutput.line(style.dim("in parentheses: the default, which nothing in the environment replaces"))
    }
}
