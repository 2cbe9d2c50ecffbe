import Glibc

/// An advisory lock on a file, given back when it is closed, at the latest by the kernel when the process dies.
///
/// Locks of two of these on one file exclude each other, also within one process.
final class FileLock: Sendable {
    enum Mode { case shared, exclusive }

    private let file: Int32

    init(_ path: String) throws(ClusterError) {
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Files.unusable(path) }
    }

    deinit { Glibc.close(file) }

    /// Takes the lock, or changes its mode; false when others hold it. Never waits.
    func tryLock(_ mode: Mode) -> Bool {
        flock(file, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0
    }

    /// Waits for the lock until the deadline.
    func lock(_ mode: Mode, until deadline: Deadline) -> Bool {
        while !tryLock(mode) {
            if deadline.hasPassed { return false }
            usleep(5_000)
        }
        return true
    }

    func unlock() { flock(file, LOCK_UN) }
}
