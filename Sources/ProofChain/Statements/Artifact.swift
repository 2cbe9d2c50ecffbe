public import Cryptography

/// A verified artifact: a statement that stands alone, of one of its author's keys.
public struct Artifact: Sendable {
    /// The payload's `type`.
    static let type = "artifact"
    /// The member that says what the content is.
    static let schemaMember = "$schema"

    /// Its identifier.
    public let cid: CID
    /// Who says it.
    public let author: DFOSDID
    /// What is said: an object with a string `$schema`.
    public let content: JSONValue
    /// What `content` is.
    public let schema: String
    /// When, by its author's word.
    public let createdAt: Timestamp
    /// The key that signed it.
    public let signer: KeyReference

    /// Verifies an artifact: ``KeyBasis/current`` for one that is new, ``KeyBasis/historical`` for one that another
    /// relay took before.
    ///
    /// Throws `versionInvalid`, `typeInvalid`, `memberInvalid`, `identifierInvalid`, `createdAtInvalid`,
    /// `typeHeaderInvalid`, `signerNotURL`, `signerMismatch`, `identityUnknown`, `identityDeleted`, `keyNotCurrent`,
    /// `keyUnknown`, `multikeyInvalid`, `signatureInvalid`, `cidMissing`, `cidMismatch`, `operationTooLarge`.
    public init(
        verifying operation: SignedOperation, identities: some IdentityResolver, keys: KeyBasis
    ) throws(ProofError) {
        let payload = PayloadReader(operation)
        try payload.checkVersion()
        try payload.checkType(Self.type)
        author = try payload.did("did")
        createdAt = try payload.createdAt()
        guard let content = payload.root["content"], content.kind == .object else {
            throw ProofError(.memberInvalid, "content")
        }
        guard let schema = content[Self.schemaMember]?.string else {
            throw ProofError(.memberInvalid, Self.schemaMember)
        }
        self.content = content
        self.schema = schema
        try operation.checkKind(.artifact)
        signer = try operation.verifySigner(of: author, identities, keys, "artifact")
        guard operation.payloadByteCount <= ProofLimits.artifactBytes else {
            throw ProofError(.operationTooLarge, String(operation.payloadByteCount))
        }
        cid = operation.cid
    }
}
