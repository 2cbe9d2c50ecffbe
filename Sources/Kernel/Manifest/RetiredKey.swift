public import Cryptography

/// A key that signed for a DID once and does not any more.
public struct RetiredKey: Hashable, Sendable {
    /// The key.
    public let key: Ed25519PublicKey
    /// Since when it does not count, milliseconds since 1970: what the book recorded before stays good.
    public let retiredAtMs: Int64
    /// Where in the log of identities the operation stands that retired it: what was anchored before stays good.
    public let position: Int64

    /// A retired key.
    public init(key: Ed25519PublicKey, retiredAtMs: Int64, position: Int64) {
        self.key = key
        self.retiredAtMs = retiredAtMs
        self.position = position
    }

    /// Whether its signature under a manifest still counts: the manifest was there before the key was retired.
    public func counts(for evidence: ManifestEvidence) -> Bool {
        if let recordedAtMs = evidence.recordedAtMs, recordedAtMs < retiredAtMs { return true }
        if let anchored = evidence.anchoredAtPosition, anchored < position { return true }
        return false
    }
}

/// What shows since when a manifest has been there.
public struct ManifestEvidence: Hashable, Sendable {
    /// When the book recorded it, milliseconds since 1970; nil when it has not.
    public let recordedAtMs: Int64?
    /// Where in the log of identities its signer anchored it first; nil when it did not.
    public let anchoredAtPosition: Int64?

    /// Nothing shows it.
    public static let none = ManifestEvidence(recordedAtMs: nil, anchoredAtPosition: nil)

    /// Evidence.
    public init(recordedAtMs: Int64?, anchoredAtPosition: Int64?) {
        self.recordedAtMs = recordedAtMs
        self.anchoredAtPosition = anchoredAtPosition
    }
}
