import CPostgres
import Glibc
import Synchronization

/// A program started by us, in a process group of its own, so that a Ctrl-C at the terminal reaches only us.
///
/// It gets a bare environment: none of our secrets, and none of the variables that would change what Postgres does.
final class ChildProcess: Sendable {
    let identifier: pid_t
    private let exit = Mutex<Int32?>(nil)
    /// Closed when the process has ended.
    private let ended = BlockingQueue<Bool>(capacity: 1)

    /// - Parameters:
    ///   - output: a file that receives what it prints, or nil for none.
    init(_ command: [String], directory: String, output: Int32?) throws(ClusterError) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addchdir_np(&actions, directory)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for descriptor: Int32 in [1, 2] {
            if let output {
                posix_spawn_file_actions_adddup2(&actions, output, descriptor)
            } else {
                posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
            }
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/"]
        var words = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var process = pid_t()
        let code = posix_spawn(&process, command[0], &actions, &attributes, &words, &variables)
        guard code == 0 else {
            throw ClusterError(
                .startFailed, "\(command[0]): \(String(cString: strerror(code)))", fix: "check the installation")
        }
        identifier = process
        _ = DedicatedThread.spawn(name: "child-\(process)") { [self] in reap() }
    }

    private func reap() {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        exit.withLock { $0 = status }
        ended.close()
    }

    /// The status as wait() gives it, once the process has ended.
    var status: Int32? { exit.withLock { $0 } }

    /// Waits for the end; false when the time passes first.
    func waitForEnd(withinSeconds seconds: Double) -> Bool {
        ended.take(upTo: 1, timeoutSeconds: seconds) == nil
    }

    /// Waits for the end and returns the exit code, or nil when it was killed or is still running.
    func exitCode(withinSeconds seconds: Double) -> Int32? {
        guard waitForEnd(withinSeconds: seconds), let status, status & 0x7f == 0 else { return nil }
        return (status >> 8) & 0xff
    }
}
