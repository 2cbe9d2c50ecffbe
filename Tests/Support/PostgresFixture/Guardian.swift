import Glibc
public import PostgresClient

/// A process that outlives the tests by a moment, to end their server and remove its files.
public enum Guardian {
    /// Ends a cluster's server at once, and removes the directory, when this process has ended in whatever way.
    ///
    /// It waits on a pipe whose other end only this process holds. A server that was restarted meanwhile has another
    /// number, so that is read from the lock file.
    public static func watch(_ cluster: EmbeddedCluster, directory: String) throws {
        let script = """
            cat >/dev/null
            pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
            [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null
            for i in 1 2 3 4 5 6 7 8 9 10; do
                [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || break
                sleep 0.1
            done
            rm -rf -- "$2" "$1"
            """
        guard let data = cluster.directory else { throw FixtureError(message: "the server is not running") }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FixtureError(message: "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let command: [String] = ["/bin/sh", "-c", script, "guardian", data, directory]
        var words = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        guard posix_spawn(&process, "/bin/sh", &actions, &attributes, &words, environ) == 0 else {
            throw FixtureError(message: "the guardian cannot be started")
        }
        close(ends[0])  // The other end stays open until this process is gone.
    }
}
