import Synchronization

/// How many bytes of request bodies may be in memory at one time, over all connections of a service.
final class BodyBudget: Sendable {
    private let used = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes bytes; false when they are not there, and then nothing is taken.
    func take(_ bytes: Int) -> Bool {
        let (_, new) = used.wrappingAdd(bytes, ordering: .relaxed)
        guard new <= limit else {
            give(back: bytes)
            return false
        }
        return true
    }

    /// Gives bytes back that were taken.
    func give(back bytes: Int) {
        let (_, new) = used.wrappingSubtract(bytes, ordering: .relaxed)
        precondition(new >= 0, "more bytes given back than taken")
    }
}
