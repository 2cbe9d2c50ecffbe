import Cryptography

extension IdentityState {
    /// Adds the next operation of the chain. The work does not depend on how long the chain is; the state is left as it
    /// was when the operation is refused.
    ///
    /// The signer is a controller key that was in force before the operation. Throws what
    /// ``IdentityOperation/init(_:)`` does, and in this order: `chainDeleted` or `restoreWithoutDelete`,
    /// `createNotFirst`, `previousOperationIncorrect`, `createdAtNotAfter`, `keyMaterialChanged`, `operationTooLarge`,
    /// `cidMissing`, `cidMismatch`, `signerNotURL`, `controllerUnknown`, `multikeyInvalid`, `signatureInvalid`,
    /// `signerMismatch`. Whether a wrong predecessor is unknown, or known and taken, only who has the log can tell.
    public mutating func extend(by operation: SignedOperation) throws(ProofError) {
        let step = try IdentityOperation(operation)
        try checkSequence(step)
        guard let previous = step.previous, previous.utf8.elementsEqual(headCID.string.utf8) else {
            throw ProofError(.previousOperationIncorrect)
        }
        guard step.createdAt > lastCreatedAt else { throw ProofError(.createdAtNotAfter) }
        if case .update(let keys, _) = step.action { try history.check(keys) }
        try Self.checkSize(operation)
        try operation.checkCID()
        guard let kid = operation.kid, let parts = KeyReference.split(kid) else { throw ProofError(.signerNotURL) }
        try Self.checkSignature(of: operation, by: KeyID(parts.keyID), in: keys)
        guard parts.did.utf8.elementsEqual(did.string.utf8) else {
            throw ProofError(.signerMismatch, "identity DID")
        }
        apply(step, cid: operation.cid)
    }

    /// The state with one more operation. Throws as ``extend(by:)`` does.
    public func extended(by operation: SignedOperation) throws(ProofError) -> IdentityState {
        var state = self
        try state.extend(by: operation)
        return state
    }

    private func checkSequence(_ step: IdentityOperation) throws(ProofError) {
        switch step.action {
        case .restore:
            guard isDeleted else { throw ProofError(.restoreWithoutDelete) }
        case .create:
            throw isDeleted ? ProofError(.chainDeleted) : ProofError(.createNotFirst)
        case .update, .delete:
            guard !isDeleted else { throw ProofError(.chainDeleted) }
        }
    }

    private mutating func apply(_ step: IdentityOperation, cid: CID) {
        switch step.action {
        case .create(let keys, let services), .update(let keys, let services):
            history.advance(to: keys, at: step.createdAt)
            self.keys = keys
            self.services = services
        case .delete:
            isDeleted = true
            deletions.append(Deletion(from: step.createdAt, until: nil))
        case .restore:
            isDeleted = false
            if let last = deletions.indices.last { deletions[last].until = step.createdAt }
        }
        headCID = cid
        lastCreatedAt = step.createdAt
        operationCount += 1
    }
}
