/// How sure it is that a block stays.
public enum SolanaCommitment: String, Codable, Hashable, Sendable, Comparable {
    /// One node has it; it may vanish.
    case processed
    /// Two thirds of the stake voted for it.
    case confirmed
    /// It is 32 blocks deep: it stays.
    case finalized

    private var depth: Int { self == .processed ? 0 : self == .confirmed ? 1 : 2 }

    /// The surer one is the greater.
    public static func < (left: Self, right: Self) -> Bool { left.depth < right.depth }
}
