import Kernel

/// What an operator may want to see.
public struct RailReport: Sendable {
    /// How bad it is.
    public enum Kind: String, Sendable, CaseIterable {
        /// The ledger did not take a step; it is tried again.
        case stalled
        /// The rail could not be called; it is tried again.
        case unavailable
        /// Nobody knows what became of a call; the rail is asked again.
        case unknown
        /// The ledger refused a step.
        case refused
        /// Money waits for a person: in suspense, or a payout that stopped, or a refund that failed.
        case needsAttention
    }
    /// How bad it is.
    public let kind: Kind
    /// About what.
    public let id: String
    /// Where it stands.
    public let status: String
    /// One sentence.
    public let reason: String

    init(_ kind: Kind, _ row: LifecycleRow, _ reason: String) {
        self.kind = kind
        id = row.id
        status = row.lifecycle.facts.status
        self.reason = reason
    }
}
