import Cryptography
import Foundation

/// Files that commands read; `-` is standard input.
enum InputFile {
    /// Larger than any manifest or request that a node takes.
    static let bytesMax = 8 << 20

    /// Reads a whole file.
    /// - Throws: exit code 65 when it cannot be read or is too large.
    static func read(_ path: String, bytesMax: Int = bytesMax) throws(CLIFailure) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Foundation.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw unreadable(path)
            }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= bytesMax else {
                throw CLIFailure(
                    "\(name(path)) is larger than \(bytesMax >> 20) MiB", fix: "give the right file",
                    exitCode: ExitStatus.badInput)
            }
        }
    }

    /// Reads a JSON file.
    /// - Throws: exit code 65 with the place of the error.
    static func json(_ path: String) throws(CLIFailure) -> JSONDocument {
        try json(path, try read(path))
    }

    /// Reads the JSON that was in a file.
    /// - Throws: exit code 65 with the place of the error.
    static func json(_ path: String, _ bytes: [UInt8]) throws(CLIFailure) -> JSONDocument {
        do throws(JSONError) {
            return try JSONDocument(parsing: bytes)
        } catch {
            throw CLIFailure(
                "\(name(path)) is not JSON as it should be: \(describe(error))", fix: "correct the file",
                exitCode: ExitStatus.badInput)
        }
    }

    /// What is wrong with a JSON text, and where.
    static func describe(_ error: JSONError) -> String { "\(error.code) at byte \(error.offset)" }

    /// The name for messages.
    static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

    /// Why a file cannot be read, by `errno`.
    static func unreadable(_ path: String) -> CLIFailure {
        CLIFailure(
            "cannot read \(name(path)): \(String(cString: strerror(errno)))",
            fix: "check the path and its permissions; - reads standard input", exitCode: ExitStatus.badInput)
    }
}
