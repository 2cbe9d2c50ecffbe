public import Cryptography

/// A verified countersignature: a witness's signature under an operation, by its CID.
///
/// What it is about need not be known to verify it; ``checkTarget(author:)`` is for when it is.
public struct Countersignature: Sendable {
    /// The payload's `type`.
    static let type = "countersign"

    /// Its identifier.
    public let cid: CID
    /// Who signs.
    public let witness: DFOSDID
    /// What is signed, as the text of its CID.
    public let targetCID: String
    /// In what sense, such as `endorses`, `witnessed`, `received`; nil when it says nothing of it.
    public let relation: String?
    /// When, by the witness's word.
    public let createdAt: Timestamp
    /// The key that signed it.
    public let signer: KeyReference

    /// Verifies a countersignature, under keys as for an ``Artifact``.
    ///
    /// A `createdAt` that is none is refused, as the specification and the TypeScript reference do (the Go reference
    /// does not look at it). Throws `typeHeaderInvalid`, `versionInvalid`, `typeInvalid`, `memberInvalid`,
    /// `identifierInvalid`, `relationInvalid`, `createdAtInvalid`, `signerNotURL`, `signerMismatch`,
    /// `identityUnknown`, `identityDeleted`, `keyNotCurrent`, `keyUnknown`, `multikeyInvalid`, `signatureInvalid`,
    /// `cidMissing`, `cidMismatch`, `operationTooLarge`.
    public init(
        verifying operation: SignedOperation, identities: some IdentityResolver, keys: KeyBasis
    ) throws(ProofError) {
        try operation.checkKind(.countersign)
        let payload = PayloadReader(operation)
        try payload.checkVersion()
        try payload.checkType(Self.type)
        witness = try payload.did("did")
        targetCID = try payload.string("targetCID")
        guard !targetCID.isEmpty else { throw ProofError(.memberInvalid, "targetCID") }
        relation = try Self.relation(payload.root["relation"])
        createdAt = try payload.createdAt()
        signer = try operation.verifySigner(of: witness, identities, keys, "countersignature")
        cid = operation.cid
    }

    static func relation(_ value: JSONValue?) throws(ProofError) -> String? {
        guard let value else { return nil }
        guard let relation = value.string, (1...ProofLimits.relationBytes).contains(relation.utf8.count) else {
            throw ProofError(.relationInvalid)
        }
        return relation
    }

    /// Refuses a witness under its own operation. Throws `witnessIsAuthor`.
    ///
    /// `author` is the target's: the identity for an identity operation, the payload's `did` otherwise
    /// (``SignedOperation/author``).
    public func checkTarget(author: DFOSDID?) throws(ProofError) {
        guard author != witness else { throw ProofError(.witnessIsAuthor) }
    }
}
