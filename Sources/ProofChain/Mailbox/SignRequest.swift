public import Cryptography

/// A verified sign request: a requester's signed wish that a subject sign exactly these bytes, as this kind of
/// artifact, before this deadline.
///
/// Source: DFOS SIGNING 0.1, verification algorithm.
public struct SignRequest: Hashable, Sendable {
    /// The header's `typ`.
    public static let typ = "did:dfos:sign-request"
    /// The payload's `type`.
    static let type = "sign-request"
    /// A request, and a response, as a token, in bytes; past it, it is not looked at.
    public static let tokenBytes = 8_192
    /// The bytes to be signed.
    public static let payloadBytes = 4_096
    /// From `createdAt` to `expiresAt` at most, in milliseconds: seven days.
    static let lifetimeMs: Int64 = 7 * 86_400_000

    /// Its identifier, by which it is answered.
    public let cid: CID
    /// Who asks.
    public let requester: DFOSDID
    /// Who is asked; any DID.
    public let subject: String
    /// The `typ` that the signed artifact must have.
    public let payloadType: String
    /// The bytes to be signed.
    public let payload: [UInt8]
    /// When it was made, by its requester's word.
    public let createdAt: Timestamp
    /// When it ends.
    public let expiresAt: Timestamp

    /// Verifies a request at an instant (milliseconds since 1970), under the requester's keys of now.
    ///
    /// Throws `tokenTooLarge`, what taking a token apart does, `typeHeaderInvalid`, `versionInvalid`, `typeInvalid`,
    /// `memberInvalid`, `identifierInvalid`, `createdAtInvalid`, `signerNotURL`, `signerMismatch`, `identityUnknown`,
    /// `identityDeleted`, `keyNotCurrent`, `multikeyInvalid`, `signatureInvalid`, `cidMissing`, `cidMismatch`,
    /// `tokenLifetimeTooLong`, `tokenExpired`.
    public init(verifying token: String, at nowMs: Int64, identities: some IdentityResolver) throws(ProofError) {
        guard token.utf8.count <= Self.tokenBytes else { throw ProofError(.tokenTooLarge) }
        let operation = try SignedOperation(token: token)
        guard let typ = operation.typ, typ.utf8.elementsEqual(Self.typ.utf8) else {
            throw ProofError(.typeHeaderInvalid, operation.typ ?? "")
        }
        let reader = PayloadReader(operation)
        try reader.checkVersion()
        try reader.checkType(Self.type)
        requester = try reader.did("did")
        subject = try reader.string("subject")
        guard subject.utf8.starts(with: "did:".utf8) else { throw ProofError(.memberInvalid, "subject") }
        payloadType = try reader.string("payloadTyp")
        guard !payloadType.isEmpty else { throw ProofError(.memberInvalid, "payloadTyp") }
        createdAt = try reader.createdAt()
        expiresAt = try Timestamp(try reader.string("expiresAt"))
        payload = try Self.bytes(try reader.string("payload"))
        _ = try operation.verifySigner(of: requester, identities, .current, "sign request")
        cid = operation.cid
        let lifetime = expiresAt.millisecondsSinceEpoch - createdAt.millisecondsSinceEpoch
        guard lifetime > 0, lifetime <= Self.lifetimeMs else { throw ProofError(.tokenLifetimeTooLong) }
        guard nowMs < expiresAt.millisecondsSinceEpoch else { throw ProofError(.tokenExpired) }
    }

    /// The bytes of base64url without padding, in the one way that it can be written.
    private static func bytes(_ text: String) throws(ProofError) -> [UInt8] {
        guard let bytes = Base64URL.decode(text), (1...payloadBytes).contains(bytes.count),
            Base64URL.encode(bytes).utf8.elementsEqual(text.utf8)
        else { throw ProofError(.memberInvalid, "payload") }
        return bytes
    }
}
