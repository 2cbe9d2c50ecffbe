import ChildProcesses
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
        _ = try ChildProcess(["/bin/sh", "-c", script, "guardian", data, directory], input: ends[0])
        close(ends[0])  // The other end stays open until this process is gone.
    }
}
