public import Cryptography

/// The keys behind a DID, for verifying a request.
public struct SigningKeys: Sendable {
    /// The keys that may sign now.
    public var current: [Ed25519PublicKey]
    /// Keys that might before: a signature by one of them is refused with that reason.
    public var retired: [Ed25519PublicKey]
    /// What to answer a signature by none of these keys with; nil: it is invalid. For when the keys may be out of date.
    public var otherwise: Problem?

    /// Keys.
    public init(current: [Ed25519PublicKey], retired: [Ed25519PublicKey] = [], otherwise: Problem? = nil) {
        self.current = current
        self.retired = retired
        self.otherwise = otherwise
    }

    /// The key that a DID is, or none.
    public init(ownKeyOf did: DID) {
        self.init(current: did.publicKey.map { [$0] } ?? [])
    }
}

/// Who asked for a session key.
public struct SessionSigner: Hashable, Sendable {
    /// The DID that it stands for.
    public let did: DID
    /// The key that signed the request for it.
    public let key: Ed25519PublicKey
    /// Whether that is the key that the DID is.
    public let isOwn: Bool

    /// A signer.
    public init(did: DID, key: Ed25519PublicKey) {
        self.did = did
        self.key = key
        isOwn = did.publicKey == key
    }
}
