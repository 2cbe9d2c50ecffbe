public import ProofChain

/// What this node knows about the time at which it reads a page of the log.
public struct ReadingTime: Hashable, Sendable {
    /// Now, milliseconds since 1970.
    public let seenAtMs: Int64
    /// When the log was last known to be read to its end, milliseconds since 1970; 0 when it never was.
    public let completeAtMs: Int64
    /// How old a copy counts as fresh, milliseconds.
    public let maxAgeMs: Int64

    /// A time of reading.
    public init(seenAtMs: Int64, completeAtMs: Int64, maxAgeMs: Int64) {
        self.seenAtMs = seenAtMs
        self.completeAtMs = completeAtMs
        self.maxAgeMs = maxAgeMs
    }

    /// Since when a key does not count that an operation retires.
    ///
    /// An operation's `createdAt` is its signer's word, so it is believed only where it cannot be checked:
    /// - It is never later than the time we saw the operation: one from the future retires at once.
    /// - It is never earlier than when the copy stopped being fresh: until then the log had no such operation, and what
    ///   was accepted stays accepted, so that nobody disowns old manifests by an operation from the past.
    ///
    /// In between lies the time in which the relay was out of reach: there the key may have been stolen and used while
    /// its owner had retired it already, and the owner's word stands.
    public func retirementMs(createdAt: Timestamp) -> Int64 {
        let word = min(createdAt.millisecondsSinceEpoch, seenAtMs)
        guard completeAtMs > 0 else { return word }
        return max(word, min(completeAtMs + maxAgeMs, seenAtMs))
    }
}
