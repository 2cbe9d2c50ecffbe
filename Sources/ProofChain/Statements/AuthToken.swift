import Cryptography

/// A verified authentication token: proof to one relay that its bearer controls an identity now. A JWT (RFC 7519).
public struct AuthToken: Sendable {
    /// The header's `typ`.
    static let typ = "JWT"

    /// Who it proves.
    public let issuer: DFOSDID
    /// From when it holds, in seconds since 1970.
    public let issuedAt: Int64
    /// When it holds no longer, in seconds since 1970.
    public let expiresAt: Int64
    /// The key that signed it.
    public let signer: KeyReference

    /// The identity whose keys verifying a token asks for; nil for a token that cannot be valid.
    public static func identityNeeded(by token: String) -> DFOSDID? {
        guard let jws = try? SignedOperation.parse(token), let kid = jws.keyID else { return nil }
        return (try? KeyReference(kid))?.did
    }

    /// Verifies a token at an instant (seconds since 1970), under the keys of the head alone.
    ///
    /// `audience` is the relay's own DID. Throws what taking a token apart does, `typeHeaderInvalid`,
    /// `payloadMalformed`, `memberInvalid`, `identifierInvalid`, `signerNotURL`, `signerMismatch`, `audienceMismatch`,
    /// `tokenNotYetValid`, `tokenExpired`, `tokenLifetimeTooLong`, `identityUnknown`, `identityDeleted`,
    /// `keyNotCurrent`, `multikeyInvalid`, `signatureInvalid`.
    public init(
        verifying token: String, audience: String, at nowSeconds: Int64, identities: some IdentityResolver,
        lifetimeSecondsMax: Int64 = ProofLimits.authTokenSeconds
    ) throws(ProofError) {
        let jws = try SignedOperation.parse(token)
        guard let typ = jws.type, typ.utf8.elementsEqual(Self.typ.utf8) else {
            throw ProofError(.typeHeaderInvalid, jws.type ?? "")
        }
        guard let document = try? JSONDocument(parsing: jws.payload), document.root.kind == .object else {
            throw ProofError(.payloadMalformed)
        }
        let claims = PayloadReader(document.root)
        issuer = try claims.did("iss")
        guard try claims.did("sub") == issuer else { throw ProofError(.memberInvalid, "sub") }
        let declared = try claims.string("aud")
        expiresAt = try claims.positiveInteger("exp")
        issuedAt = try claims.positiveInteger("iat")
        signer = try KeyReference(jws.keyID ?? "")
        guard signer.did == issuer else { throw ProofError(.signerMismatch, "iss") }
        guard declared.utf8.elementsEqual(audience.utf8) else { throw ProofError(.audienceMismatch, declared) }
        guard issuedAt <= nowSeconds else { throw ProofError(.tokenNotYetValid) }
        guard nowSeconds < expiresAt else { throw ProofError(.tokenExpired) }
        // Both are positive here, so that the difference cannot overflow.
        guard expiresAt - issuedAt <= lifetimeSecondsMax else { throw ProofError(.tokenLifetimeTooLong) }
        let key = try identities.publicKey(signer, .current)
        guard jws.isValid(under: key) else { throw ProofError(.signatureInvalid) }
    }
}
