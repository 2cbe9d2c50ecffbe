public import Cryptography

/// Where the keys behind DIDs come from. Answers at once: whoever has to ask a network asks before verifying.
public protocol KeyResolver: Sendable {
    /// The keys that may sign for a DID.
    func keys(for did: DID) -> KeyLookup

    /// Keys that signed for the DID once and do not any more. A signature by one of them counts under a manifest that
    /// was there before: see ``RetiredKey/counts(for:)``. All of them, the key that the DID is first, then the one that
    /// was retired last: however many, so that whoever tries them under a signature bounds how many are tried.
    func retiredKeys(of did: DID) -> [RetiredKey]

    /// The key that a DID's chain calls so, now or once: for signatures that name theirs.
    func key(named name: String, of did: DID) -> Ed25519PublicKey?

    /// Whether the answers about a DID are up to date, so that a signature by none of its keys is forged and not by a
    /// key that was not heard of yet.
    func isCertain(of did: DID) -> Bool

    /// Whether an owner lets somebody else sign for it.
    func isDelegate(_ did: DID, of owner: DID) -> Bool
}

extension KeyResolver {
    /// No key was ever retired unless a resolver says so.
    public func retiredKeys(of did: DID) -> [RetiredKey] { [] }

    /// Names are a chain's: without one there are none.
    public func key(named name: String, of did: DID) -> Ed25519PublicKey? { nil }

    /// A resolver that cannot be out of date is certain.
    public func isCertain(of did: DID) -> Bool { true }

    /// Nobody signs for anybody else unless a resolver says so.
    public func isDelegate(_ did: DID, of owner: DID) -> Bool { false }
}

/// What is known of a DID's keys.
public enum KeyLookup: Hashable, Sendable {
    /// The keys, any of which may have signed.
    case keys([Ed25519PublicKey])
    /// It had a key that no longer counts.
    case retired
    /// It has no key: a soft DID, a group, another method.
    case unknown
    /// Not known just now.
    case unavailable
}

/// The key that a DID is made of, and no other: right for every DID whose key was never rotated, and offline.
public struct DIDKeyResolver: KeyResolver {
    /// A resolver without state.
    public init() {}

    /// The key in the DID itself, or none.
    public func keys(for did: DID) -> KeyLookup {
        did.publicKey.map { .keys([$0]) } ?? .unknown
    }
}
