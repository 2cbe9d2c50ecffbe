import Foundation
import ProcessWaiting

/// The Python of the tests, with the packages of ops/requirements-test.txt.
public enum Python {
    /// Why a program did not run.
    public struct Unavailable: Error, CustomStringConvertible {
        /// The reason, and what to do.
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
    public static var path: String {
        if let python = ProcessInfo.processInfo.environment["MJN_PYTHON"] { return python }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent(".mjn/venv/bin/python3").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        return "python3"
    }

    /// Runs a program on a thread of its own, and waits for its end.
    public static func run(_ arguments: [String]) async throws -> Outcome {
        let python = path
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try outcome(python, arguments) }) }
        }
    }

    private static func outcome(_ python: String, _ arguments: [String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-B"] + arguments
        let errors = FileManager.default.temporaryDirectory.appendingPathComponent("mjn-python-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: errors) }
        let output = Pipe()
        process.standardOutput = output
        // A file, not a second pipe: nobody reads it meanwhile.
        process.standardError = try FileHandle(forWritingTo: errors)
        do { try process.run() } catch { throw Unavailable(description: "\(python) does not start: \(error)") }
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let status = process.exitStatus()
        let complaints = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
        return Outcome(output: said, errors: complaints, status: status)
    }
}
