import Foundation
import ProcessWaiting

/// Runs a program from PATH and waits for it.
enum Subprocess {
    struct Result {
        let status: Int32
        let output: [UInt8]
        /// What it wrote to stderr.
        let messages: String
    }

    /// - Parameter environment: replaces the test's own when it is not nil.
    static func run(_ program: String, _ arguments: [String], environment: [String: String]? = nil) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        if let environment { process.environment = environment }
        // Messages go to a file, so that neither pipe can fill up while the other is read.
        let messages = FileManager.default.temporaryDirectory.appending(path: "tidy-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: messages.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: messages) }
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: messages)
        try process.run()
        let bytes = Array(output.fileHandleForReading.readDataToEndOfFile())
        let status = process.exitStatus()
        let text = String(decoding: try Data(contentsOf: messages), as: UTF8.self)
        return Result(status: status, output: bytes, messages: text)
    }
}
