public import Cryptography

/// A DID that is a key, bound to the identity chain that this key began: the name never changes while the keys behind
/// it do. Once bound, authority is the chain's, and the key in the name is one key among others.
///
/// Bound is what the chain proves by itself: the key is among the controller keys of the genesis operation, **and it
/// signed that operation**. Being listed is not enough. Public keys are public: whoever wants another's DID could list
/// that key beside his own, sign the genesis with his own, and rotate the other out in the next operation. The
/// signature is the proof that the key's holder wants the chain; so a chain binds one DID at most,
/// ``IdentityState/boundDID``.
///
/// That a DID has one chain only is for whoever stores bindings to keep: first come, and for good.
public struct IdentityBinding: Hashable, Sendable {
    /// The DID that is a key.
    public let did: DID
    /// The chain.
    public let state: IdentityState

    /// Binds a DID to a verified chain.
    ///
    /// Throws `bindingNotKey` for a DID that is no key, `bindingKeyMissing` when it is no controller of the genesis,
    /// `bindingUnproved` when it is one and another key signed the genesis.
    public init(did: DID, state: IdentityState) throws(ProofError) {
        guard let key = did.publicKey else { throw ProofError(.bindingNotKey, did.string) }
        let material = Multikey.encode(key)
        guard state.genesisControllerKeys.contains(where: { $0.publicKeyMultibase.utf8.elementsEqual(material.utf8) })
        else { throw ProofError(.bindingKeyMissing, did.string) }
        guard state.genesisSigner.publicKeyMultibase.utf8.elementsEqual(material.utf8) else {
            throw ProofError(.bindingUnproved, did.string)
        }
        self.did = did
        self.state = state
    }

    /// The keys that may sign for the DID now: see ``IdentityState/signingKeys``.
    public var signingKeys: [Ed25519PublicKey] { state.signingKeys }

    /// Whether a key may sign for the DID now.
    public func isSigningKey(_ key: Ed25519PublicKey) -> Bool { signingKeys.contains(key) }

    /// When a key ceased to speak for the DID: `createdAt` of the operation that took it from every role for the last
    /// time, or of the delete; nil while it may sign, and for a key that was never listed.
    public func retirement(of key: Ed25519PublicKey) -> Timestamp? {
        guard !isSigningKey(key) else { return nil }
        let material = Multikey.encode(key)
        let records = state.history.records.filter { $0.key.publicKeyMultibase.utf8.elementsEqual(material.utf8) }
        guard !records.isEmpty else { return nil }
        if records.contains(where: \.isCurrent) { return state.deletions.last?.from }
        return records.compactMap(\.retiredAt).max()
    }

    /// Whether a key spoke for the DID at an instant: listed in some role, and the identity not deleted.
    public func couldSign(_ key: Ed25519PublicKey, at instant: Timestamp) -> Bool {
        guard !state.isDeleted(at: instant) else { return false }
        let material = Multikey.encode(key)
        return state.history.records.contains { record in
            record.key.publicKeyMultibase.utf8.elementsEqual(material.utf8) && !record.roles(at: instant).isEmpty
        }
    }
}

extension IdentityState {
    /// The DID that the chain binds: the one that the key which signed the genesis is. Its signature was verified, so
    /// that there is one; nil is for a stored state whose material was changed.
    public var boundDID: DID? { (try? genesisSigner.publicKey()).map { DID(publicKey: $0) } }

    /// The keys that may sign for it now: those of the head in any role, each once, in the order of a DID document;
    /// none while it is deleted.
    public var signingKeys: [Ed25519PublicKey] {
        guard !isDeleted else { return [] }
        var keys: [Ed25519PublicKey] = []
        var seen: Set<Ed25519PublicKey> = []
        for entry in self.keys.distinct {
            if let key = try? entry.publicKey(), seen.insert(key).inserted { keys.append(key) }
        }
        return keys
    }
}
