public import Cryptography

/// A verified revocation: the end of a credential, by who issued it, and for good.
public struct Revocation: Sendable {
    /// The payload's `type`.
    static let type = "revocation"

    /// Its identifier.
    public let cid: CID
    /// Who revokes. It ends credentials of this issuer only, whatever CID it names.
    public let issuer: DFOSDID
    /// The credential, as the text of its CID.
    public let credentialCID: String
    /// When, by the issuer's word.
    public let createdAt: Timestamp
    /// The key that signed it.
    public let signer: KeyReference

    /// Verifies a revocation under any key that its issuer ever had. Whether the issuer is deleted is for the relay.
    ///
    /// Throws `typeHeaderInvalid`, `versionInvalid`, `typeInvalid`, `memberInvalid`, `identifierInvalid`,
    /// `createdAtInvalid`, `signerNotURL`, `signerMismatch`, `identityUnknown`, `keyUnknown`, `multikeyInvalid`,
    /// `signatureInvalid`, `cidMissing`, `cidMismatch`.
    public init(verifying operation: SignedOperation, identities: some IdentityResolver) throws(ProofError) {
        try operation.checkKind(.revocation)
        let payload = PayloadReader(operation)
        try payload.checkVersion()
        try payload.checkType(Self.type)
        issuer = try payload.did("did")
        credentialCID = try payload.string("credentialCID")
        guard !credentialCID.isEmpty else { throw ProofError(.memberInvalid, "credentialCID") }
        createdAt = try payload.createdAt()
        signer = try operation.verifySigner(of: issuer, identities, .historical, "revocation")
        cid = operation.cid
    }
}
