import ChildProcesses
import Foundation
import Testing

/// Programs in Python that share no code with this one.
enum Python {
    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("python")

    /// Leaves no compiled files in the project's folders.
    static let environment = ["PYTHONDONTWRITEBYTECODE": "1"]

    /// `MJN_PYTHON`, or the interpreter of the test tools in `.mjn/venv`.
    static func interpreter() throws -> String {
        if let named = ProcessInfo.processInfo.environment["MJN_PYTHON"] { return named }
        let root = folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appendingPathComponent(".mjn/venv/bin/python3").path
        try #require(
            FileManager.default.isExecutableFile(atPath: path),
            "\(path) is missing: make test installs it (ops/requirements-test.txt), or set MJN_PYTHON")
        return path
    }

    static func script(_ name: String) -> String { folder.appendingPathComponent(name + ".py").path }

    /// Runs one of the scripts.
    static func run(_ name: String, _ arguments: [String] = [], input: String = "") throws -> Program.Run {
        try Program.run(interpreter(), [script(name)] + arguments, input: input, environment: environment)
    }

    /// What an independent verifier makes of a chain and of statements by its current keys.
    static func judge(
        _ chain: String, _ statements: [String] = [], _ location: SourceLocation = #_sourceLocation
    ) throws -> [String: Any] {
        let run = try Self.run("judge", [chain] + statements)
        try #require(run.status == 0, "\(run.err)", sourceLocation: location)
        return try run.object(location)
    }

    /// Makes tokens by other means; see `python/author.py`.
    static func tokens(_ orders: [[String: Any]]) throws -> [String] {
        let input = String(decoding: try JSONSerialization.data(withJSONObject: orders), as: UTF8.self)
        let run = try Self.run("author", input: input)
        return try #require(try run.json() as? [String], "\(run.err)")
    }
}

/// A relay in memory, gone with the test; see `python/relay_double.py`.
final class RelayDouble: Sendable {
    /// Its origin.
    let origin: String
    private let server: ChildServer

    /// The relay proper.
    var url: String { origin + "/relay" }

    /// - Parameter page: entries of a page of a log.
    init(page: Int = 1000) throws {
        server = try ChildServer(
            [Python.interpreter(), Python.script("relay_double"), "\(page)"],
            environment: ProcessInfo.processInfo.environment.merging(Python.environment) { $1 })
        origin = try server.firstLine()
        try #require(origin.hasPrefix("http://127.0.0.1:"), "no relay: \(origin)")
    }

    deinit { server.process.end() }
}
