import Foundation
import Glibc
import ProcessWaiting
import Testing

/// Runs programs on threads of their own: the runtime's few threads are for the tests.
enum Subprocess {
    /// The system's Python where there is one: those of version managers start slowly.
    static let python = access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3" : "python3"

    /// Runs a blocking body.
    static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Runs a program to its end, and returns its output.
    static func run(_ arguments: [String], input: String = "") async throws -> String {
        try await blocking {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments
            let (inbox, outbox) = (Pipe(), Pipe())
            process.standardInput = inbox
            process.standardOutput = outbox
            process.standardError = FileHandle.nullDevice
            try process.run()
            try inbox.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try inbox.fileHandleForWriting.close()
            let output = String(decoding: outbox.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            try #require(process.exitStatus() == 0)
            return output
        }
    }
}
