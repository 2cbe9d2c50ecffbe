import Foundation

/// Thrown when whoever read our output went away, as `head` does: the command ends, quietly and in order.
struct OutputClosed: Error {}

/// Data for standard output. Written whole, or an error.
enum StandardOutput {
    /// Writes text as it is.
    static func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes text and a line end.
    static func line(_ text: String = "") throws {
        try write(text + "\n")
    }

    /// Writes bytes as they are.
    static func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                throw OutputClosed()
            } else if errno != EINTR {
                throw CLIFailure(
                    "cannot write the output: \(String(cString: strerror(errno)))", fix: "check the disk's free space")
            }
        }
    }
}
