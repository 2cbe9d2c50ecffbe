import Stripe
import Synchronization

/// A clock that only waiting moves, and a list of the waits.
final class ManualTime: Sendable {
    private let state = Mutex<(now: Int64, waits: [Int64])>((1_700_000_000_000, []))
    /// Further waits end as those of a cancelled task do.
    private let waitsMax: Int

    init(waitsMax: Int = .max) { self.waitsMax = waitsMax }

    var now: Int64 { state.withLock { $0.now } }
    var waits: [Int64] { state.withLock { $0.waits } }

    func advance(_ milliseconds: Int64) { state.withLock { $0.now += milliseconds } }

    func timing(jitter: Int64 = 0) -> StripeTiming {
        StripeTiming {
            self.now
        } sleep: { (milliseconds: Int64) async throws(CancellationError) in
            let isCancelled = self.state.withLock { state in
                guard state.waits.count < self.waitsMax else { return true }
                state.waits.append(milliseconds)
                state.now += milliseconds
                return false
            }
            if isCancelled { throw CancellationError() }
        } jitter: {
            jitter
        }
    }
}
