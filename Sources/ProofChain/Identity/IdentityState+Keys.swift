public import Cryptography

extension IdentityState {
    /// The keys that were listed at an instant, each with its roles, in order of first appearance. Whether the identity
    /// was deleted then is another question: ``isDeleted(at:)``.
    public func keys(at instant: Timestamp) -> [(key: Multikey, roles: KeyRoles)] {
        history.records.compactMap { record in
            let roles = record.roles(at: instant)
            return roles.isEmpty ? nil : (record.key, roles)
        }
    }

    /// Whether the identity was deleted at an instant: from the delete's `createdAt` until the restore's.
    public func isDeleted(at instant: Timestamp) -> Bool {
        deletions.contains { deletion in
            instant >= deletion.from && (deletion.until.map { instant < $0 } ?? true)
        }
    }

    /// The key of a name for a purpose: the head's, in any role, or any that the chain ever listed.
    ///
    /// With ``KeyBasis/current`` throws `identityDeleted`, `keyNotCurrent`; with ``KeyBasis/historical`` throws
    /// `keyUnknown`. Both throw `multikeyInvalid`.
    public func publicKey(_ id: KeyID, _ basis: KeyBasis) throws(ProofError) -> Ed25519PublicKey {
        switch basis {
        case .current:
            guard !isDeleted else { throw ProofError(.identityDeleted) }
            guard let key = keys.key(id) else { throw ProofError(.keyNotCurrent) }
            return try key.publicKey()
        case .historical:
            guard let record = history[id] else { throw ProofError(.keyUnknown, "\(id) on identity \(did)") }
            return try record.key.publicKey()
        }
    }
}
