import ChildProcesses
import Foundation
import Testing

/// The program under test, run as anybody runs it.
enum Program {
    /// What came of a run.
    struct Run: Sendable {
        let status: Int32
        let out: String
        let err: String

        /// Standard output as JSON.
        func json(_ location: SourceLocation = #_sourceLocation) throws -> Any {
            try #require(
                try? JSONSerialization.jsonObject(with: Data(out.utf8), options: .fragmentsAllowed),
                "not JSON: \(out) \(err)", sourceLocation: location)
        }

        func object(_ location: SourceLocation = #_sourceLocation) throws -> [String: Any] {
            try #require(try json(location) as? [String: Any], "no object: \(out)", sourceLocation: location)
        }

        func rows(_ location: SourceLocation = #_sourceLocation) throws -> [[String: Any]] {
            try #require(try json(location) as? [[String: Any]], "no rows: \(out)", sourceLocation: location)
        }
    }

    /// `MJN_BIN`, or the program that was built beside the tests.
    static let path: String = {
        if let named = ProcessInfo.processInfo.environment["MJN_BIN"] { return named }
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("mjn").path
    }()

    /// Runs `mjn` with these arguments. The environment holds nothing of the caller's settings.
    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> Run {
        try Self.run(path, arguments, input: input, environment: environment)
    }

    /// Runs any program.
    static func run(
        _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> Run {
        var clean = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MJN_") && $0.key != "DATABASE_URL" }
        for (name, value) in environment { clean[name] = value }
        let outcome = try ChildProcess.run([program] + arguments, environment: clean, input: Array(input.utf8))
        return Run(status: outcome.status, out: outcome.output, err: outcome.errors)
    }

    /// A program of the system, found on the PATH.
    static func find(_ name: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let found = path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        return try #require(found, "\(name) is not installed: apt-get install hledger beancount")
    }
}

/// A folder that goes away with the test.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("mjn-cli-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Writes a file, and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
        return self(name)
    }
}
