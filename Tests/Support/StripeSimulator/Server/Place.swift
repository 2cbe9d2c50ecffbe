import Synchronization

/// Where connections find the server, which is made once its port is known.
final class Place: Sendable {
    private let held = Mutex<StripeServer?>(nil)

    var server: StripeServer? { held.withLock { $0 } }

    func set(_ server: StripeServer) { held.withLock { $0 = server } }
}
