import Cryptography
import Foundation
import PythonRunning
import Solana
import Testing

/// Solana's own library, by way of Python.
enum Judge {
    struct Failed: Error { let errors: String }

    /// What it says of each: the id that it reads, or nil where it refuses.
    static func ids(_ transactions: [[UInt8]]) async throws -> [String?] {
        let file = FileManager.default.temporaryDirectory.appending(path: "mjn-solana-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(transactions.map { Base64.encode($0) }.joined(separator: "\n").utf8).write(to: file)
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "python/judge.py")
        let outcome = try await Python.run([program.path, file.path])
        guard outcome.status == 0 else { throw Failed(errors: outcome.errors) }
        return outcome.output.split(separator: "\n").map { $0.hasPrefix("ok ") ? String($0.dropFirst(3)) : nil }
    }
}
