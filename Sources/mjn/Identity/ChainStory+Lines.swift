import Cryptography
import Foundation
import ProofChain

/// The story for people.
extension ChainStory {
    /// The lines, without line ends.
    /// - Parameter width: columns of the screen; nil: no bound.
    func lines(_ style: Style, width: Int?) -> [String] {
        let state = chain.state
        var lines = [
            style.bold(state.did.string) + "  "
                + (state.isDeleted ? style.red("deleted \(Self.shown(state.lastCreatedAt))") : style.green("in force"))
        ]
        lines.append("binds  \(chain.boundDID?.string ?? "nothing")")
        lines.append("head   \(state.headCID)")
        lines +=
            ["", style.dim("OPERATIONS")]
            + timeline(style, nameWidth: width.map { max(Self.nameMin, $0 - Self.besideName) })
        lines += ["", style.dim(state.isDeleted ? "KEYS WHEN DELETED" : "KEYS NOW")] + current(style, width)
        lines += retiredLines(style, width)
        if !state.services.isEmpty {
            lines += ["", style.dim("SERVICES")] + state.services.map { "  " + shown($0) }
        }
        return lines
    }

    /// What stands beside a key's DID on a line of the timeline.
    private static let besideName = 46
    /// Of a DID at least its method, and both ends of the key.
    private static let nameMin = 24

    private func timeline(_ style: Style, nameWidth: Int?) -> [String] {
        func name(_ key: Multikey) -> String {
            let name = self.name(key)
            return nameWidth.map { Table.shortened(name, to: $0) } ?? name
        }
        var lines: [String] = []
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            let signer = chain.state.history[step.signer].map { name($0.key) } ?? Self.shown(step.signer)
            let by = style.dim("signed by \(signer)")
            let type = step.type.padding(toLength: 8, withPad: " ", startingAt: 0)
            lines.append("\(isLast ? "└─" : "├─") \(Self.shown(step.createdAt))  \(painted(type, style)) \(by)")
            let margin = isLast ? "   " : "│  "
            for (key, roles, before) in step.given {
                let mark = before.isEmpty ? style.green("+") : style.yellow("~")
                let was = before.isEmpty ? "" : style.dim("  before: \(before.names.joined(separator: " "))")
                lines.append("\(margin)  \(mark) \(name(key))  \(roles.names.joined(separator: " "))\(was)")
            }
            for key in step.retired {
                lines.append("\(margin)  \(style.red("−")) \(name(key))  \(style.red("retired"))")
            }
            guard let services = step.services else { continue }
            if services.isEmpty { lines.append("\(margin)  services cleared") }
            for entry in services { lines.append("\(margin)  service \(shown(entry))") }
        }
        return lines
    }

    private func painted(_ type: String, _ style: Style) -> String {
        switch type.first {
        case "d": style.red(type)
        case "r", "c": style.green(type)
        default: style.yellow(type)
        }
    }

    private func current(_ style: Style, _ width: Int?) -> [String] {
        let state = chain.state
        var table = Table([
            .init(title: "ROLES"), .init(title: "KEY", isElastic: true), .init(title: "SINCE"), .init(title: ""),
        ])
        for key in state.keys.distinct {
            guard let period = state.history[key.id]?.periods.last else { continue }
            table.add([
                period.roles.names.joined(separator: " "), name(key), Self.shown(period.from),
                period.roles.contains(.controller) && state.keys.controller.count == 1 ? "the only controller" : "",
            ])
        }
        return table.lines(width: width, indent: 2, style: style)
    }

    private func retiredLines(_ style: Style, _ width: Int?) -> [String] {
        let retired = chain.state.history.records.filter { !$0.isCurrent }
        guard !retired.isEmpty else { return [] }
        var table = Table([.init(title: "KEY", isElastic: true), .init(title: "FROM"), .init(title: "RETIRED")])
        for record in retired {
            table.add([
                name(record.key), record.periods.first.map { Self.shown($0.from) } ?? "",
                record.retiredAt.map { Self.shown($0) } ?? "",
            ])
        }
        return ["", style.dim("KEYS RETIRED")] + table.lines(width: width, indent: 2, style: style)
    }

    /// The DID that a key is tells people more than its name: it is what `mjn did show` prints of the file.
    private func name(_ key: Multikey) -> String { key.keyDID?.string ?? Self.shown(key.id) + " (no key)" }

    private func shown(_ entry: ServiceEntry) -> String { Terminal.printable(ServiceArgument.shown(entry)) }

    private static func shown(_ id: KeyID) -> String { Terminal.printable(id.string) }

    /// Without the milliseconds' noise: `2026-03-07 00:00:00Z`.
    private static func shown(_ time: ProofChain.Timestamp) -> String {
        time.string.prefix(10) + " " + time.string.dropFirst(11).prefix(8) + "Z"
    }
}
