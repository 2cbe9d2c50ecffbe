import ChildProcesses
import Glibc
import Synchronization
import Testing

/// Cleans up after tests that were ended before they could: a shell that waits for the end of this process, then ends
/// what runs in the folders that it was told of, and removes them.
final class Keeper: Sendable {
    /// How all folders of these tests begin.
    static let prefix = "/tmp/mjn-e2e-"
    static let shared = Keeper()

    private let input: Mutex<Int32>

    private static let script = """
        trap '' INT TERM HUP
        folders=
        while read -r folder; do folders="$folders $folder"; done
        for folder in $folders; do
            case $folder in \(prefix)*) ;; *) continue ;; esac
            [ -d "$folder" ] || continue
            for process in /proc/[0-9]*; do
                if tr '\\0' ' ' <"$process/cmdline" 2>/dev/null | grep -qF -- "$folder"; then
                    kill -KILL "${process#/proc/}" 2>/dev/null
                fi
            done
            rm -rf -- "$folder"
        done
        """

    private init() {
        var ends: [Int32] = [-1, -1]
        // Closed in every program that is started: the shell must not wait for those.
        precondition(pipe(&ends) == 0, "no pipe")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        input = Mutex(ends[1])
        do {
            _ = try ChildProcess(["/bin/sh", "-c", Self.script], input: ends[0])
        } catch {
            Issue.record("no shell to clean up with: \(error)")
        }
        close(ends[0])
    }

    func watch(_ folder: String) throws {
        let line = Array("\(folder)\n".utf8)
        let written = input.withLock { write($0, line, line.count) }
        try #require(written == line.count)
    }
}
