import CSpawn
import Glibc

/// A child that prints one line when it serves, and goes on until it is told to end.
///
/// Its standard input is a leash: it closes when this object or this process ends, in whatever way. A program that
/// reads to the end of its input and then stops leaves nothing behind.
public final class ChildServer: Sendable {
    /// Why it does not serve.
    public struct NotServing: Error, CustomStringConvertible {
        /// The reason.
        public let description: String
    }

    /// The process.
    public let process: ChildProcess
    private let leash: Int32
    private let output: Int32

    /// Starts a program.
    /// - Parameters:
    ///   - command: as of `ChildProcess`; `environment` and `errors` too.
    public init(
        _ command: [String], environment: [String: String]? = nil, errors: Int32? = nil
    ) throws(ChildProcess.StartError) {
        let (input, leash) = try Self.pipe()
        defer { close(input) }
        let (output, printed) = try Self.pipe()
        defer { close(printed) }
        (self.leash, self.output) = (leash, output)
        do throws(ChildProcess.StartError) {
            process = try ChildProcess(command, environment: environment, input: input, output: printed, errors: errors)
        } catch {
            close(leash)
            close(output)
            throw error
        }
    }

    /// Both ends are closed in whatever else is started.
    private static func pipe() throws(ChildProcess.StartError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw ChildProcess.StartError("a pipe", code: errno) }
        return (ends[0], ends[1])
    }

    deinit {
        close(leash)
        close(output)
    }

    /// Waits for the line that it prints first, without its end. To be called once; blocks the thread.
    /// - Throws: when it ends before, or the time passes.
    public func firstLine(withinSeconds seconds: Double = 60) throws(NotServing) -> String {
        let end = ContinuousClock.now + .seconds(seconds)
        var line: [UInt8] = []
        while true {
            var poller = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let left = (end - ContinuousClock.now) / .milliseconds(1)
            guard left > 0 else { throw NotServing(description: "it did not say in \(seconds) s that it serves") }
            guard poll(&poller, 1, Int32(min(left + 1, 1_000_000))) > 0 else { continue }
            var byte: UInt8 = 0
            guard read(output, &byte, 1) == 1 else {
                let said = String(decoding: line, as: UTF8.self)
                throw NotServing(description: "it ended before it served\(said.isEmpty ? "" : ", and said: \(said)")")
            }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }
}
