public import Cryptography

/// A key that signed for a DID once and does not any more.
public struct RetiredKey: Hashable, Sendable {
    /// The key.
    public let key: Ed25519PublicKey
    /// Since when it does not count, milliseconds since 1970: what the book recorded before stays good.
    public let retiredAtMs: Int64
    /// Where in the log of identities the operation stands that retired it: what was anchored before stays good.
    public let position: Int64
    /// When it was listed first, milliseconds since 1970.
    public let listedAtMs: Int64
    /// Where in the log the operation stands that listed it first.
    public let listedAtPosition: Int64

    /// A retired key. Without a beginning it was always listed.
    public init(
        key: Ed25519PublicKey, retiredAtMs: Int64, position: Int64, listedAtMs: Int64 = .min,
        listedAtPosition: Int64 = .min
    ) {
        self.key = key
        self.retiredAtMs = retiredAtMs
        self.position = position
        self.listedAtMs = listedAtMs
        self.listedAtPosition = listedAtPosition
    }

    /// Whether it was listed already when the evidence arose, and retired later: then it most likely signed.
    func wasInForce(at evidence: ManifestEvidence) -> Bool {
        if let recorded = evidence.recordedAtMs, listedAtMs <= recorded, recorded < retiredAtMs { return true }
        if let anchored = evidence.anchoredAtPosition, listedAtPosition <= anchored, anchored < position { return true }
        return false
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
