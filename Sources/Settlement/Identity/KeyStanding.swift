public import Cryptography
public import ProofChain

/// One key of an identity over time, as this node saw it.
public struct KeyStanding: Hashable, Sendable {
    /// The key.
    public let key: Ed25519PublicKey
    /// When it was listed first.
    public let since: LogMoment
    /// When it ceased to speak for the identity; nil while it does.
    public internal(set) var until: LogMoment?

    /// A standing.
    public init(key: Ed25519PublicKey, since: LogMoment, until: LogMoment?) {
        self.key = key
        self.since = since
        self.until = until
    }
}
