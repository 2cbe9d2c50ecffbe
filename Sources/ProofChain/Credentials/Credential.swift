public import Cryptography

/// A verified credential: permission from an issuer to an audience, by itself. Whether the issuer had it to give is the
/// question of ``verifyDelegation(root:at:identities:isRevoked:)``.
public struct Credential: Sendable {
    /// The audience that is everybody.
    public static let publicAudience = "*"
    /// The payload's `type`.
    static let type = "DFOSCredential"

    /// The credential's own CID, which a revocation names.
    public let cid: CID
    /// Who gives.
    public let issuer: DFOSDID
    /// Who may use it: a DID, or `*`.
    public let audience: String
    /// What it permits, 1 to 32 entries.
    public let attenuations: [Attenuation]
    /// The credential that the issuer's own permission comes from; nil for one that begins with its issuer.
    public let parent: String?
    /// From when it holds, in seconds since 1970.
    public let issuedAt: Int64
    /// When it holds no longer, in seconds since 1970.
    public let expiresAt: Int64
    /// The key that signed it.
    public let signer: KeyReference
    /// The token.
    public let token: String

    /// Whether anybody may use it.
    public var isPublic: Bool { audience.utf8.elementsEqual(Self.publicAudience.utf8) }

    /// Verifies a credential by itself at an instant (seconds since 1970), under any key that its issuer ever had.
    ///
    /// Throws `credentialTooLarge`, `typeHeaderInvalid`, `versionInvalid`, `typeInvalid`, `memberInvalid`,
    /// `parentsTooMany`, `identifierInvalid`, `signerNotURL`, `signerMismatch`, `identityUnknown`, `identityDeleted`,
    /// `keyUnknown`, `multikeyInvalid`, `signatureInvalid`, `cidMissing`, `cidMismatch`, `credentialNotYetValid`,
    /// `credentialExpired`.
    public init(
        verifying operation: SignedOperation, at nowSeconds: Int64, identities: some IdentityResolver
    ) throws(ProofError) {
        try self.init(unverified: operation)
        guard let state = identities.identity(issuer) else {
            throw ProofError(.identityUnknown, issuer.string).within("failed to resolve key")
        }
        guard !state.isDeleted else { throw ProofError(.identityDeleted).within("issuer") }
        try operation.checkSignature(try state.publicKey(signer.keyID, .historical))
        try operation.checkCID()
        guard issuedAt <= nowSeconds else { throw ProofError(.credentialNotYetValid) }
        guard nowSeconds < expiresAt else { throw ProofError(.credentialExpired) }
    }

    /// Verifies a credential given as a token. Throws as ``init(verifying:at:identities:)`` does, and what taking a
    /// token apart throws.
    public init(
        verifyingToken token: String, at nowSeconds: Int64, identities: some IdentityResolver
    ) throws(ProofError) {
        guard token.utf8.count <= ProofLimits.credentialBytes else { throw ProofError(.credentialTooLarge) }
        try self.init(verifying: try SignedOperation(token: token), at: nowSeconds, identities: identities)
    }

    /// Reads a credential and verifies nothing but its form.
    init(unverified operation: SignedOperation) throws(ProofError) {
        guard operation.token.utf8.count <= ProofLimits.credentialBytes else {
            throw ProofError(.credentialTooLarge)
        }
        try operation.checkKind(.credential)
        let payload = PayloadReader(operation)
        try payload.checkVersion()
        try payload.checkType(Self.type)
        issuer = try payload.did("iss")
        audience = try payload.string("aud")
        guard !audience.isEmpty else { throw ProofError(.memberInvalid, "aud") }
        attenuations = try Self.attenuations(payload.root["att"])
        parent = try Self.parent(payload.root["prf"])
        expiresAt = try payload.positiveInteger("exp")
        issuedAt = try payload.positiveInteger("iat")
        signer = try KeyReference(operation.kid ?? "")
        guard signer.did == issuer else { throw ProofError(.signerMismatch, "iss") }
        cid = operation.cid
        token = operation.token
    }

    private static func attenuations(_ list: JSONValue?) throws(ProofError) -> [Attenuation] {
        guard let list, list.kind == .array, (1...ProofLimits.attenuations).contains(list.count) else {
            throw ProofError(.memberInvalid, "att")
        }
        var entries: [Attenuation] = []
        for entry in list.elements {
            guard let resource = entry["resource"]?.string, let action = entry["action"]?.string else {
                throw ProofError(.memberInvalid, "att")
            }
            entries.append(Attenuation(resource: resource, action: action))
        }
        return entries
    }

    private static func parent(_ list: JSONValue?) throws(ProofError) -> String? {
        guard let list else { return nil }
        guard list.kind == .array else { throw ProofError(.memberInvalid, "prf") }
        guard list.count <= 1 else { throw ProofError(.parentsTooMany) }
        for element in list.elements {
            guard let token = element.string, !token.isEmpty else { throw ProofError(.memberInvalid, "prf") }
            return token
        }
        return nil
    }
}
