public import Cryptography

extension OperationSigner {
    /// Makes the genesis operation of a content chain. Its identifier is ``ChainIdentifier/init(genesis:)`` of the
    /// operation's CID. Throws what ``ContentOperation/init(_:)`` does.
    public func createContent(
        documentCID: CID, baseDocumentCID: CID? = nil, createdAt: Timestamp
    ) throws(ProofError) -> SignedOperation {
        try contentOperation { writer in
            writer.field("type", "create")
            writer.field("did", did)
            writer.field("documentCID", documentCID)
            writer.nullableField("baseDocumentCID", baseDocumentCID)
            writer.field("createdAt", createdAt)
        }
    }

    /// Makes an operation that puts another document in place, or none. Who did not begin the chain adds the credential
    /// that permits it. Throws what ``ContentOperation/init(_:)`` does.
    public func updateContent(
        previous: CID, documentCID: CID?, baseDocumentCID: CID? = nil, createdAt: Timestamp,
        authorization: SignedOperation? = nil
    ) throws(ProofError) -> SignedOperation {
        try contentOperation { writer in
            writer.field("type", "update")
            writer.field("did", did)
            writer.field("previousOperationCID", previous)
            writer.nullableField("documentCID", documentCID)
            writer.nullableField("baseDocumentCID", baseDocumentCID)
            writer.field("createdAt", createdAt)
            if let authorization { writer.field("authorization", authorization.token) }
        }
    }

    /// Makes an operation that ends the chain. Throws what ``ContentOperation/init(_:)`` does.
    public func deleteContent(
        previous: CID, createdAt: Timestamp, authorization: SignedOperation? = nil
    ) throws(ProofError) -> SignedOperation {
        try contentOperation { writer in
            writer.field("type", "delete")
            writer.field("did", did)
            writer.field("previousOperationCID", previous)
            writer.field("createdAt", createdAt)
            if let authorization { writer.field("authorization", authorization.token) }
        }
    }

    private func contentOperation(
        _ body: (inout JSONWriter) -> Void
    ) throws(ProofError) -> SignedOperation {
        let operation = try sign(.content, body)
        _ = try ContentOperation(operation)
        return operation
    }
}
