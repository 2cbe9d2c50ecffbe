public import Cryptography

/// A state without its past, for whoever keeps the keys of a chain one by one: its size, and the work of one more
/// operation, do not depend on how long the chain is.
extension IdentityState {
    /// The state with nothing in its history but the keys of the head and of the genesis, each with the last of its
    /// periods, and the last deletion.
    ///
    /// It is extended as the whole state is, once it was told of the other keys that an operation speaks of:
    /// ``remember(_:)`` and ``SignedOperation/keysNeeded``. A key that it was not told of is unknown to it.
    public var head: IdentityState {
        var head = self
        head.history = history.only(keys.distinct + genesisControllerKeys)
        head.deletions = deletions.suffix(1)
        return head
    }

    /// Every key that its history holds, with the name that the chain gave it, in order of first appearance.
    public var listedKeys: [Multikey] { history.records.map(\.key) }

    /// Takes keys that the chain listed once, by what was stored of it, into the history; one that is there stays.
    public mutating func remember(_ keys: some Sequence<Multikey>) {
        for key in keys { history.remember(key) }
    }
}

extension SignedOperation {
    /// The keys that verifying this operation asks for by name: its signer's and those of the credentials in it, and of
    /// an identity's operation the keys that it lists. Unverified; the current ones of an identity are among them.
    public var keysNeeded: [KeyReference] {
        var needed: [KeyReference] = []
        var next: SignedOperation? = self
        for _ in 0...ProofLimits.delegationDepth {
            guard let operation = next else { break }
            if let kid = operation.kid, let reference = try? KeyReference(kid) { needed.append(reference) }
            next = operation.credentialToken.flatMap { try? SignedOperation(token: $0) }
        }
        guard kind == .identity, let did = signer else { return needed }
        for role in ["authKeys", "assertKeys", "controllerKeys"] {
            guard let list = payload.root[role], list.kind == .array else { continue }
            for entry in list.elements {
                guard let id = entry["id"]?.string else { continue }
                needed.append(KeyReference(did: did, keyID: KeyID(id)))
            }
        }
        return needed
    }
}
