import Synchronization

/// Remembers nonces while a signature that carries them could still be accepted.
///
/// It never forgets one early: when it is full it refuses. What it knows is this process's own: several processes
/// that serve one name each accept a nonce once.
public final class NonceMemory: Sendable {
    /// Nonces of all callers; past it 503 `overloaded`. 64 MB when full, at most.
    public static let nonces = 1_000_000
    /// Nonces of one caller, so that one cannot fill the memory of all; past it 429 `rate_limited`.
    public static let noncesPerCaller = 200_000
    /// The width of a bucket, which is forgotten whole.
    private static let bucketSeconds: Int64 = 60

    /// 128 bits of keyed hash stand for a caller and a nonce: an accidental match is not to be expected, and an
    /// intended one refuses nobody but who made it.
    private struct Fingerprint: Hashable {
        let high: Int
        let low: Int

        init(_ caller: String, _ nonce: String) {
            var first = Hasher()
            first.combine(0)
            first.combine(caller)
            first.combine(nonce)
            high = first.finalize()
            var second = Hasher()
            second.combine(1)
            second.combine(caller)
            second.combine(nonce)
            low = second.finalize()
        }
    }

    private struct Bucket {
        var seen: Set<Fingerprint> = []
        var perCaller: [String: Int] = [:]
    }

    private struct State {
        var buckets: [Int64: Bucket] = [:]
        var count = 0
        var oldest: Int64 = .min
    }

    private let state = Mutex(State())
    private let total: Int
    private let perCaller: Int

    /// An empty memory.
    public init(nonces: Int = NonceMemory.nonces, perCaller: Int = NonceMemory.noncesPerCaller) {
        self.total = nonces
        self.perCaller = perCaller
    }

    /// Claims a nonce for its caller.
    ///
    /// - Parameters:
    ///   - usableUntil: Unix seconds after which a signature with it is refused for its age.
    ///   - now: Unix seconds.
    /// - Throws: `signature_replayed` when it was claimed before; `rate_limited` and `overloaded` at the limits.
    package func claim(caller: String, nonce: String, usableUntil: Int64, now: Int64) throws(Problem) {
        let fingerprint = Fingerprint(caller, nonce)
        let refusal: Problem? = state.withLock { state in
            Self.forget(before: now / Self.bucketSeconds, in: &state)
            var held = 0
            for bucket in state.buckets.values {
                if bucket.seen.contains(fingerprint) { return Problem(.signatureReplayed, "the nonce was used before") }
                held += bucket.perCaller[caller] ?? 0
            }
            if held >= perCaller {
                return Problem(.rateLimited, "too many signed requests without an Idempotency-Key")
            }
            if state.count >= total { return Problem(.overloaded, "the memory of nonces is full") }
            let key = usableUntil / Self.bucketSeconds
            state.buckets[key, default: Bucket()].seen.insert(fingerprint)
            state.buckets[key, default: Bucket()].perCaller[caller, default: 0] += 1
            state.count += 1
            return nil
        }
        if let refusal { throw refusal }
    }

    private static func forget(before bucket: Int64, in state: inout State) {
        guard bucket > state.oldest else { return }
        state.oldest = bucket
        for (key, old) in state.buckets where key < bucket {
            state.count -= old.seen.count
            state.buckets[key] = nil
        }
    }
}
