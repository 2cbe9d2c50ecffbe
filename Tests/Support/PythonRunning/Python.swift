import ChildProcesses
import Foundation

/// The Python of the tests, with the packages of ops/requirements-test.txt.
public enum Python {
    /// Why a program gave no answer.
    public struct Failure: Error, CustomStringConvertible {
        /// The reason.
        public let description: String
    }

    /// What a program wrote, and how it ended.
    public struct Outcome: Sendable {
        /// Its standard output.
        public let output: String
        /// Its standard error.
        public let errors: String
        /// Its exit status.
        public let status: Int32
    }

    /// `MJN_PYTHON`, else the one that `make test` sets up, else the system's.
    public static let path: String = {
        if let python = ProcessInfo.processInfo.environment["MJN_PYTHON"] { return python }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent(".mjn/venv/bin/python3").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        return "python3"
    }()

    /// Its command for a program, which leaves no compiled files beside it.
    public static func command(_ arguments: [String]) -> [String] { [path, "-B"] + arguments }

    /// Runs a program on a thread of its own, and waits for its end.
    public static func run(_ arguments: [String]) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let run = try ChildProcess.run(command(arguments))
                        return Outcome(output: run.output, errors: run.errors, status: run.status)
                    })
            }
        }
    }

    /// Runs a program, and returns what it printed. Blocks the thread.
    /// - Throws: when it does not end with 0: where a package is missing, a test must fail and not pass.
    public static func output(of arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        let outcome = try ChildProcess.run(command(arguments), input: input)
        guard outcome.status == 0 else {
            throw Failure(
                description: """
                    \(path) ended with \(outcome.status): \(outcome.errors)
                    Are the packages of the tests installed (make test does), or is MJN_PYTHON another?
                    """)
        }
        return outcome.outputBytes
    }
}
