import Synchronization

/// Spaces requests out: a bucket that holds one second's worth and fills evenly. Safe from any thread.
///
/// It keeps one number, the time at which the bucket will be full again (the generic cell rate algorithm), so that a
/// turn is given in the order in which turns are asked for and nothing is counted in fractions.
final class StripePace: Sendable {
    /// Microseconds since 1970 at which every turn given so far has been used up.
    private let usedUpAt = Mutex<Int64>(0)
    private let intervalMicroseconds: Int64
    private let burstMicroseconds: Int64

    init(perSecond: Int64) {
        let perSecond = min(max(1, perSecond), 1_000_000)
        intervalMicroseconds = 1_000_000 / perSecond
        burstMicroseconds = 1_000_000 - intervalMicroseconds
    }

    /// Takes the next turn.
    ///
    /// - Returns: milliseconds to wait for it; nil where that is more than `max`: then none is taken.
    func takeTurn(nowMilliseconds: Int64, max: Int64) -> Int64? {
        let now = nowMilliseconds * 1000
        return usedUpAt.withLock { usedUpAt in
            // No turn is given further ahead than this: the clock was set back.
            if usedUpAt > now + burstMicroseconds + max * 1000 + intervalMicroseconds { usedUpAt = now }
            let start = Swift.max(usedUpAt, now)
            let wait = Swift.max(0, start - burstMicroseconds - now)
            guard wait <= max * 1000 else { return nil }
            usedUpAt = start + intervalMicroseconds
            return (wait + 999) / 1000
        }
    }
}
