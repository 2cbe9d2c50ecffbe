import ChildProcesses
import Foundation
import Glibc
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
            let outcome = try ChildProcess.run(arguments, input: Array(input.utf8))
            try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return outcome.output
        }
    }
}
