import ChildProcesses
import Foundation
import Testing

/// The built program and the others that the tests run.
enum Program {
    /// What came of a run.
    struct Run: Sendable {
        let status: Int32
        let out: String
        let err: String
    }

    /// The folder of these tests.
    static let tests = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The package's folder.
    static let root = tests.deletingLastPathComponent().deletingLastPathComponent()

    /// `MJN_BIN`, or the program that was built beside the tests.
    static let path: String = {
        if let named = ProcessInfo.processInfo.environment["MJN_BIN"] { return named }
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("mjn").path
    }()

    /// `MJN_PYTHON`, or the interpreter of the test tools in `.mjn/venv`.
    static func python() throws -> String {
        if let named = ProcessInfo.processInfo.environment["MJN_PYTHON"] { return named }
        let path = root.appendingPathComponent(".mjn/venv/bin/python3").path
        try #require(
            FileManager.default.isExecutableFile(atPath: path),
            "\(path) is missing: make test installs it (ops/requirements-test.txt), or set MJN_PYTHON")
        return path
    }

    /// The caller's environment without any of its settings for the program.
    static func environment(_ settings: [String: String] = [:]) -> [String: String] {
        let inherited = ProcessInfo.processInfo.environment
        let clean = inherited.filter {
            !$0.key.hasPrefix("MJN_") && !$0.key.hasPrefix("PG") && $0.key != "DATABASE_URL"
        }
        return clean.merging(settings) { $1 }
    }

    /// Starts a program whose output goes to files, so that it never waits for a reader.
    static func start(
        _ program: String, _ arguments: [String], environment settings: [String: String] = [:], out: String,
        err: String
    ) throws -> ChildProcess {
        try requireBuilt(program)
        let files = [out, err].map { (path: String) in open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
        defer { for file in files { close(file) } }
        try #require(!files.contains { $0 < 0 }, "\(out) or \(err) cannot be written")
        return try ChildProcess(
            [program] + arguments, environment: environment(settings), output: files[0], errors: files[1])
    }

    /// Runs a program to its end.
    static func run(
        _ program: String, _ arguments: [String], environment settings: [String: String] = [:],
        within limit: Double = Patience.seconds
    ) throws -> Run {
        try requireBuilt(program)
        let outcome = try ChildProcess.run(
            [program] + arguments, environment: environment(settings), withinSeconds: limit)
        return Run(status: outcome.status, out: outcome.output, err: outcome.errors)
    }

    private static func requireBuilt(_ program: String) throws {
        try #require(
            FileManager.default.isExecutableFile(atPath: program), "\(program) is not built: make build, or set MJN_BIN"
        )
    }

    /// A file's text, whatever its bytes.
    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
