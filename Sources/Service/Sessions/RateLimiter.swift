import Synchronization

/// A token bucket per key. Safe from any thread.
public final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: Int64
    }

    private let buckets = Mutex<[String: Bucket]>([:])
    private let perMillisecond: Double
    private let burst: Double
    private let keysMax: Int

    /// Buckets that hold `burst` tokens and gain `perSecond` of them.
    ///
    /// - Parameter keysMax: buckets in memory; past it, full ones are dropped, and if there is none, new keys are
    ///   refused with `overloaded` rather than others let off.
    public init(perSecond: Double, burst: Double, keysMax: Int = 100_000) {
        precondition(perSecond > 0 && burst >= 1 && keysMax >= 1, "a rate limiter that lets nothing pass")
        perMillisecond = perSecond / 1000
        self.burst = burst
        self.keysMax = keysMax
    }

    /// Takes `tokens` from the bucket of `key`.
    ///
    /// - Throws: `rate_limited`, with the seconds until the tokens are there; `overloaded`.
    public func take(_ key: String, tokens: Double = 1, nowMilliseconds: Int64) throws(Problem) {
        let refusal: Problem? = buckets.withLock { buckets in
            if buckets[key] == nil, buckets.count >= keysMax {
                buckets = buckets.filter { filled($0.value, nowMilliseconds) < burst }
                if buckets.count >= keysMax { return Problem(.overloaded, "too many callers at one time") }
            }
            var bucket = buckets[key] ?? Bucket(tokens: burst, filledAt: nowMilliseconds)
            bucket.tokens = filled(bucket, nowMilliseconds)
            bucket.filledAt = max(bucket.filledAt, nowMilliseconds)
            defer { buckets[key] = bucket }
            guard bucket.tokens >= tokens else {
                let wait = min((tokens - bucket.tokens) / perMillisecond / 1000, 3600)
                return Problem(.rateLimited, retryAfterSeconds: Int(wait.rounded(.up)))
            }
            bucket.tokens -= tokens
            return nil
        }
        if let refusal { throw refusal }
    }

    private func filled(_ bucket: Bucket, _ now: Int64) -> Double {
        min(burst, bucket.tokens + Double(max(0, now - bucket.filledAt)) * perMillisecond)
    }
}
