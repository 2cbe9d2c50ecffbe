import CSpawn
import Synchronization

public import Glibc

/// A program started by this process, in a process group of its own, so that a Ctrl-C at the terminal reaches only us.
///
/// It inherits its three standard descriptors and nothing else: no other open file, no blocked or ignored signal. The
/// `Process` of Foundation hands on the signals that the calling thread blocks and a socket of its own, and tells of
/// the end by a run loop.
public final class ChildProcess: Sendable {
    /// Why a program did not start.
    public struct StartError: Error, CustomStringConvertible {
        /// The program and the system's reason.
        public let description: String

        init(_ program: String, code: Int32) { description = "\(program): \(String(cString: strerror(code)))" }
    }

    /// Its process number, which is its process group's too.
    public let identifier: pid_t
    /// What wait() gave, once the process has ended.
    private let waitStatus = Mutex<Int32?>(nil)

    /// Between two looks at a process that still runs.
    private static let pollMicroseconds: UInt32 = 1000

    /// Starts a program.
    /// - Parameters:
    ///   - command: the program, found on `PATH` when it has no slash, and its arguments.
    ///   - environment: the whole of it; nil for ours.
    ///   - directory: nil for ours.
    ///   - input: the descriptor it reads from; nil for nothing to read. The caller still owns it, as the others.
    ///   - output: the descriptor that gets what it prints; nil for none.
    ///   - errors: the descriptor that gets its messages; nil for none.
    public init(
        _ command: [String], environment: [String: String]? = nil, directory: String? = nil, input: Int32? = nil,
        output: Int32? = nil, errors: Int32? = nil
    ) throws(StartError) {
        precondition(!command.isEmpty, "a command names a program")
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }
        for (number, descriptor) in zip(Int32(0)..., [input, output, errors]) {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, number)
            } else {
                posix_spawn_file_actions_addopen(&actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
            }
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        Self.setGroupAndSignals(&attributes)
        var words = command.map { strdup($0) } + [nil]
        var variables = environment.map { $0.map { strdup("\($0)=\($1)") } + [nil] } ?? []
        defer { for word in words + variables { free(word) } }
        var process = pid_t()
        let code =
            environment == nil
            ? posix_spawnp(&process, command[0], &actions, &attributes, &words, environ)
            : posix_spawnp(&process, command[0], &actions, &attributes, &words, &variables)
        guard code == 0 else { throw StartError(command[0], code: code) }
        identifier = process
        takeFromTableAtEnd()
    }

    /// Waits on a thread of its own, so that a process whose end nobody asks for is not in the process table for ever:
    /// others who look there would take it for alive.
    private func takeFromTableAtEnd() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let code = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                let process = Unmanaged<ChildProcess>.fromOpaque(context).takeRetainedValue()
                var information = siginfo_t()
                // Left in the table until the lock is held.
                let options = Int32(WEXITED | WNOWAIT)
                while waitid(P_PID, id_t(process.identifier), &information, options) < 0, errno == EINTR {}
                _ = process.exitStatus
                return nil
            }, context)
        precondition(code == 0, "the system gives no thread for a child")
    }

    private static let stackBytes = 128 << 10

    private static func setGroupAndSignals(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    /// As a shell gives it, the exit code or 128 and the signal that ended it; nil while it runs.
    public var exitStatus: Int32? {
        let status: Int32? = waitStatus.withLock { known in
            var status: Int32 = 0
            // The lock is held: a number that was waited for may belong to another process a moment later.
            if known == nil, waitpid(identifier, &status, WNOHANG) == identifier { known = status }
            return known
        }
        return status.map { $0 & 0x7f == 0 ? ($0 >> 8) & 0xff : 128 + ($0 & 0x7f) }
    }

    /// Whether it has not ended.
    public var isRunning: Bool { exitStatus == nil }

    /// Sends a signal, unless it has ended.
    public func signal(_ number: Int32) {
        waitStatus.withLock { known in
            if known == nil { _ = kill(identifier, number) }
        }
    }

    /// Waits for the end, and returns the exit status; nil when the time passes first. Blocks the thread.
    public func exitStatus(withinSeconds seconds: Double) -> Int32? {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            if let status = exitStatus { return status }
            if ContinuousClock.now >= end { return nil }
            usleep(Self.pollMicroseconds)
        }
    }

    /// Waits for the end, and returns the exit status. Blocks the thread.
    @discardableResult
    public func waitForEnd() -> Int32 {
        while true {
            if let status = exitStatus { return status }
            usleep(Self.pollMicroseconds)
        }
    }

    /// Ends it by force, and waits for that.
    public func end() {
        signal(SIGKILL)
        waitForEnd()
    }
}
