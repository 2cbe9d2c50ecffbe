import CSpawn
import Glibc

extension ChildProcess {
    /// What came of a run.
    public struct Outcome: Sendable {
        /// As a shell gives it: the exit code, or 128 and the signal that ended it.
        public let status: Int32
        /// What it printed.
        public let outputBytes: [UInt8]
        /// What it wrote to standard error.
        public let errors: String

        /// What it printed, as text.
        public var output: String { String(decoding: outputBytes, as: UTF8.self) }
    }

    /// Runs a program to its end; one that takes longer than `seconds` is ended by force. Blocks the thread.
    ///
    /// Files without a name, not pipes: neither side waits for the other to read, nor for whatever else has
    /// inherited an end.
    public static func run(
        _ command: [String], environment: [String: String]? = nil, directory: String? = nil, input: [UInt8] = [],
        withinSeconds seconds: Double = 600
    ) throws(StartError) -> Outcome {
        let (given, output, errors) = (try UnnamedFile(input), try UnnamedFile(), try UnnamedFile())
        let process = try ChildProcess(
            command, environment: environment, directory: directory, input: given.descriptor,
            output: output.descriptor, errors: errors.descriptor)
        if process.exitStatus(withinSeconds: seconds) == nil { process.end() }
        let status = process.waitForEnd()
        return Outcome(
            status: status, outputBytes: output.contents, errors: String(decoding: errors.contents, as: UTF8.self))
    }
}

/// A file that is gone when it is closed.
private final class UnnamedFile {
    let descriptor: Int32

    /// - Parameter contents: read from its start by whoever inherits it.
    init(_ contents: [UInt8] = []) throws(ChildProcess.StartError) {
        var template = Array("/tmp/mjn-run-XXXXXX".utf8CString)
        descriptor = mkostemp(&template, O_CLOEXEC)
        guard descriptor >= 0 else { throw ChildProcess.StartError("a file in /tmp", code: errno) }
        unlink(template)
        var written = 0
        while written < contents.count {
            let count = pwrite(descriptor, Array(contents[written...]), contents.count - written, off_t(written))
            guard count > 0 else { throw ChildProcess.StartError("a file in /tmp", code: errno) }
            written += count
        }
    }

    deinit { close(descriptor) }

    var contents: [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(contents.count))
            if count <= 0 { return contents }
            contents += chunk[..<count]
        }
    }
}
