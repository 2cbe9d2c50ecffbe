import CCurl
import Glibc

/// Wakes the client's thread out of its wait for sockets. Any thread may call at any time, for as long as it holds
/// the signal.
final class WakeSignal: Sendable {
    /// Readable after a call.
    let descriptor: Int32

    /// nil where the process has no descriptors left.
    init?() {
        descriptor = mjn_curl_wake_descriptor()
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Ends the wait. Where the counter is full, it is over already.
    func call() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
    }

    /// Takes back all calls so far.
    func clear() {
        var calls: UInt64 = 0
        _ = read(descriptor, &calls, MemoryLayout.size(ofValue: calls))
    }
}
