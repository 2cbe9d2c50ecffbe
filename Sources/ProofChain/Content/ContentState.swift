public import Cryptography

/// A content chain as it stands after one of its operations, along the branch that leads there.
///
/// Content chains fork: two operations may follow one. Every operation has a state of its own, and the chain's is that
/// of its head (``ContentTip``).
public struct ContentState: Hashable, Sendable {
    /// The chain, derived from its genesis operation.
    public let contentID: ContentID
    /// The genesis operation.
    public let genesisCID: CID
    /// The operation that this is the state after.
    public let headCID: CID
    /// Whether that operation, or one before it, ended the chain.
    public let isDeleted: Bool
    /// The document in place, as the text of its CID; nil when there is none.
    public let currentDocumentCID: String?
    /// How many operations lead here, the genesis among them.
    public let length: Int
    /// Who began the chain: its author, and the root of every permission to write to it.
    public let creator: DFOSDID
    /// `createdAt` of the head; the next one's is later.
    public let lastCreatedAt: Timestamp

    /// Takes a state that was stored.
    public init(
        contentID: ContentID, genesisCID: CID, headCID: CID, isDeleted: Bool, currentDocumentCID: String?,
        length: Int, creator: DFOSDID, lastCreatedAt: Timestamp
    ) {
        self.contentID = contentID
        self.genesisCID = genesisCID
        self.headCID = headCID
        self.isDeleted = isDeleted
        self.currentDocumentCID = currentDocumentCID
        self.length = length
        self.creator = creator
        self.lastCreatedAt = lastCreatedAt
    }

    /// The head as a tip, for ``ContentTip``'s order.
    public var tip: ContentTip { ContentTip(cid: headCID, createdAt: lastCreatedAt) }

    /// Begins a chain with its genesis operation, under keys as for an ``Artifact``.
    ///
    /// Throws what ``ContentOperation/init(_:)`` does, `firstNotCreate`, and for the signer what an artifact does.
    public init(
        genesis operation: SignedOperation, identities: some IdentityResolver, keys: KeyBasis
    ) throws(ProofError) {
        let step = try ContentOperation(operation)
        guard case .create(let documentCID) = step.action else { throw ProofError(.firstNotCreate) }
        _ = try operation.verifySigner(of: step.author, identities, keys, "")
        self.init(
            contentID: ContentID(genesis: operation.cid), genesisCID: operation.cid, headCID: operation.cid,
            isDeleted: false, currentDocumentCID: documentCID, length: 1, creator: step.author,
            lastCreatedAt: step.createdAt)
    }

    /// The state after an operation that follows this one: at the head of the chain, or at a fork anywhere in it.
    ///
    /// An author who did not begin the chain needs a credential that comes from who did, good for `write` at the
    /// operation's own time. Throws what ``ContentOperation/init(_:)`` does, and in this order: `chainDeleted`,
    /// `createNotFirst`, `previousOperationIncorrect`, `createdAtNotAfter`, for the signer what an artifact does,
    /// `authorizationMissing`, and what ``Credential/authorize(_:on:of:by:at:identities:isRevoked:)`` does.
    public func extended(
        by operation: SignedOperation, identities: some IdentityResolver, keys: KeyBasis, isRevoked: RevocationLookup
    ) throws(ProofError) -> ContentState {
        let step = try ContentOperation(operation)
        guard !isDeleted else { throw ProofError(.chainDeleted) }
        guard let previous = step.previous else { throw ProofError(.createNotFirst) }
        guard previous.utf8.elementsEqual(headCID.string.utf8) else { throw ProofError(.previousOperationIncorrect) }
        guard step.createdAt > lastCreatedAt else { throw ProofError(.createdAtNotAfter) }
        _ = try operation.verifySigner(of: step.author, identities, keys, "")
        if step.author != creator { try checkAuthorization(step, identities, isRevoked) }
        var documentCID: String?
        if case .update(let updated) = step.action { documentCID = updated }
        return ContentState(
            contentID: contentID, genesisCID: genesisCID, headCID: operation.cid, isDeleted: step.action == .delete,
            currentDocumentCID: documentCID, length: length + 1, creator: creator, lastCreatedAt: step.createdAt)
    }

    private func checkAuthorization(
        _ step: ContentOperation, _ identities: some IdentityResolver, _ isRevoked: RevocationLookup
    ) throws(ProofError) {
        guard let token = step.authorization, !token.isEmpty else {
            throw ProofError(.authorizationMissing, step.author.string)
        }
        let seconds = step.createdAt.secondsSinceEpoch
        do throws(ProofError) {
            let credential = try Credential(verifyingToken: token, at: seconds, identities: identities)
            try credential.authorize(
                "write", on: contentID, of: creator, by: step.author, at: seconds, identities: identities,
                isRevoked: isRevoked)
        } catch {
            throw error.within("authorization verification failed")
        }
    }
}
