public import Cryptography

extension OperationSigner {
    /// Makes the genesis operation of a new identity. Its DID is ``DFOSDID/init(genesis:)`` of the operation's CID.
    ///
    /// The signing key must be among the controller keys under its name. Throws what
    /// ``IdentityState/init(genesis:)`` does.
    public static func createIdentity(
        keys: KeySet, services: [ServiceEntry] = [], createdAt: Timestamp, keyID: KeyID,
        privateKey: Ed25519PrivateKey
    ) throws(ProofError) -> SignedOperation {
        let operation = try sign(.identity, kid: keyID.string, privateKey) { writer in
            writer.field("type", "create")
            writer.fields(keys)
            writer.field(services)
            writer.field("createdAt", createdAt)
        }
        _ = try IdentityState(genesis: operation)
        return operation
    }

    /// Makes an operation that replaces all keys and all services; what is not named is gone.
    ///
    /// Throws what ``IdentityOperation/init(_:)`` does and `operationTooLarge`.
    public func updateIdentity(
        previous: CID, keys: KeySet, services: [ServiceEntry] = [], createdAt: Timestamp
    ) throws(ProofError) -> SignedOperation {
        try identityOperation { writer in
            writer.field("type", "update")
            writer.field("previousOperationCID", previous)
            writer.fields(keys)
            writer.field(services)
            writer.field("createdAt", createdAt)
        }
    }

    /// Makes an operation that deletes the identity.
    public func deleteIdentity(previous: CID, createdAt: Timestamp) throws(ProofError) -> SignedOperation {
        try identityStep("delete", previous, createdAt)
    }

    /// Makes an operation that takes a delete back; `previous` is the delete.
    public func restoreIdentity(previous: CID, createdAt: Timestamp) throws(ProofError) -> SignedOperation {
        try identityStep("restore", previous, createdAt)
    }

    private func identityStep(
        _ type: String, _ previous: CID, _ createdAt: Timestamp
    ) throws(ProofError) -> SignedOperation {
        try identityOperation { writer in
            writer.field("type", type)
            writer.field("previousOperationCID", previous)
            writer.field("createdAt", createdAt)
        }
    }

    private func identityOperation(
        _ body: (inout JSONWriter) -> Void
    ) throws(ProofError) -> SignedOperation {
        let operation = try sign(.identity, body)
        _ = try IdentityOperation(operation)
        try IdentityState.checkSize(operation)
        return operation
    }
}
