import Cryptography

/// What a sign request asked for, and whether a token is that: an artifact of the asked type, over exactly the asked
/// bytes, by a key that the subject has or had. What the artifact is worth is its own specification's question.
///
/// Source: DFOS SIGNING 0.1, respond.
public struct SignResponse: Hashable, Sendable {
    /// Who was asked.
    public let subject: DFOSDID
    /// The `typ` that was asked for.
    public let payloadType: String
    /// The bytes that were to be signed.
    public let payload: [UInt8]

    /// Takes what was asked.
    public init(subject: DFOSDID, payloadType: String, payload: [UInt8]) {
        self.subject = subject
        self.payloadType = payloadType
        self.payload = payload
    }

    /// The key that checking a token asks for; nil when it names none.
    public static func keyNeeded(by token: String) -> KeyReference? {
        guard token.utf8.count <= SignRequest.tokenBytes, let jws = try? SignedOperation.parse(token) else {
            return nil
        }
        return try? KeyReference(jws.keyID ?? "")
    }

    /// Refuses a token that is not the answer.
    ///
    /// Throws `tokenTooLarge`, what taking a token apart does, `tokenMalformed` also for base64url in another than its
    /// one form, `typeHeaderInvalid`, `signerNotURL`, `identifierInvalid`, `signerMismatch`, `memberInvalid` for other
    /// bytes, `identityUnknown`, `keyUnknown`, `multikeyInvalid`, `signatureInvalid`.
    public func check(_ token: String, identities: some IdentityResolver) throws(ProofError) {
        guard token.utf8.count <= SignRequest.tokenBytes else { throw ProofError(.tokenTooLarge) }
        let jws = try SignedOperation.parse(token)
        let parts = [jws.headerBytes, jws.payload, jws.signature].map { Base64URL.encode($0) }
        guard token.utf8.elementsEqual(parts.joined(separator: ".").utf8) else { throw ProofError(.tokenMalformed) }
        guard let typ = jws.type, typ.utf8.elementsEqual(payloadType.utf8) else {
            throw ProofError(.typeHeaderInvalid, jws.type ?? "")
        }
        let signer = try KeyReference(jws.keyID ?? "")
        guard signer.did == subject else { throw ProofError(.signerMismatch, "subject") }
        guard jws.payload == payload else { throw ProofError(.memberInvalid, "payload") }
        let key = try identities.publicKey(signer, .historical)
        guard jws.isValid(under: key) else { throw ProofError(.signatureInvalid) }
    }
}
