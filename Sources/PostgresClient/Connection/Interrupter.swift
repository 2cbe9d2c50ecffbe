import Glibc
import Synchronization

/// Cancels, from any thread, what a connection is doing.
///
/// An interrupted connection cancels its running statement on the server, and refuses further calls with kind
/// `cancelled` until `reset()`. A COMMIT that was sent is never cancelled, since its outcome would become unknown; a
/// ROLLBACK always runs.
public final class Interrupter: Sendable {
    private let raised = Atomic<Bool>(false)
    /// Readable while raised, so that a waiting poll() wakes up.
    let descriptor: Int32
    private let writer: Int32

    /// Makes an interrupter that is not raised.
    public init() {
        var ends: [Int32] = [-1, -1]
        // Without a descriptor (the process has none left) an interrupt is seen at the next call instead of at once.
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        if socketpair(AF_UNIX, Int32(kind), 0, &ends) != 0 { ends = [-1, -1] }
        descriptor = ends[0]
        writer = ends[1]
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
        if writer >= 0 { Glibc.close(writer) }
    }

    /// Whether `interrupt()` was called since the last `reset()`.
    public var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Raises it; further calls change nothing.
    public func interrupt() {
        guard !raised.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = Glibc.write(writer, &byte, 1)
    }

    /// Lowers it again. To be called by the owner of the connection, between two pieces of work.
    public func reset() {
        guard raised.exchange(false, ordering: .acquiringAndReleasing) else { return }
        var bytes: [UInt8] = [0, 0, 0, 0]
        while Glibc.read(descriptor, &bytes, bytes.count) > 0 {}
    }

    /// Waits until the deadline; false when it was raised meanwhile.
    func sleep(until deadline: Deadline) -> Bool {
        while !isRaised, !deadline.hasPassed {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = Glibc.poll(&waiting, 1, deadline.pollMilliseconds)
        }
        return !isRaised
    }
}
