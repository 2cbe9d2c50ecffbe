public import Cryptography

/// A token taken apart once: what it says it is, and what its payload hashes to. Nothing in it has been verified, and
/// its signature has not been looked at; the types that verify take one of these.
///
/// A signature covers the bytes of header and payload, a CID the values of the payload: the same payload under another
/// spelling is another token with the same CID. Keep ``token`` and pass on that one.
public struct SignedOperation: Sendable {
    /// The token: header and payload exactly as they came, the signature in its one text without padding and spare
    /// bits. Anyone can spell a signature otherwise, for nothing covers its text.
    public let token: String
    /// What the header's `typ` says; nil for a `typ` that is none of the protocol's operations.
    public let kind: OperationKind?
    /// The header's `typ`; nil when there is none.
    public let typ: String?
    /// The header's `kid`; nil when there is none.
    public let kid: String?
    /// The header's `cid`, which the signer claims; nil when there is none. See ``checkCID()``.
    public let declaredCID: String?
    /// The payload, a JSON object.
    public let payload: JSONDocument
    /// The payload's length as dag-cbor, in bytes.
    public let payloadByteCount: Int
    /// The identifier that the payload hashes to.
    public let cid: CID

    private let jws: JWSToken

    /// Takes a token apart.
    ///
    /// Throws `tokenMalformed`, `tokenTooLarge`, `headerInvalid`, `algorithmUnsupported`, `extensionUnsupported`,
    /// `keyInHeader`, `signatureLengthInvalid`; `payloadMalformed` when the payload is no JSON object, has a member
    /// twice or passes the limits; `payloadNotCanonical` for a number that is no integer within ±(2^53 - 1).
    public init(token: String) throws(ProofError) {
        let jws = try Self.parse(token)
        let payload: JSONDocument
        do {
            payload = try JSONDocument(parsing: jws.payload, limits: ProofLimits.payload)
        } catch {
            throw ProofError(.payloadMalformed)
        }
        guard payload.root.kind == .object else { throw ProofError(.payloadMalformed) }
        let encoded: [UInt8]
        do {
            encoded = try DAGCBOR.encode(json: payload.root)
        } catch {
            throw ProofError(.payloadNotCanonical)
        }
        self.token = jws.compact
        self.jws = jws
        self.payload = payload
        payloadByteCount = encoded.count
        cid = CID(codec: .dagCBOR, hashing: encoded)
        typ = jws.type
        kind = jws.type.flatMap { OperationKind(typ: $0) }
        kid = jws.keyID
        declaredCID = jws.contentID
    }

    static func parse(_ token: String) throws(ProofError) -> JWSToken {
        do {
            return try JWS.parse(token, profile: .proof)
        } catch {
            throw ProofError(code(of: error))
        }
    }

    private static func code(of error: JWSError) -> ProofError.Code {
        switch error {
        case .malformed: .tokenMalformed
        case .bytesExceeded: .tokenTooLarge
        case .headerInvalid: .headerInvalid
        case .algorithmUnsupported: .algorithmUnsupported
        case .extensionUnsupported: .extensionUnsupported
        case .keyInHeader: .keyInHeader
        case .signatureLengthInvalid: .signatureLengthInvalid
        }
    }

    /// Refuses a header without `cid`, or with another than the payload's. Throws `cidMissing`, `cidMismatch`.
    public func checkCID() throws(ProofError) {
        guard let declaredCID, !declaredCID.isEmpty else { throw ProofError(.cidMissing) }
        guard declaredCID.utf8.elementsEqual(cid.string.utf8) else { throw ProofError(.cidMismatch) }
    }

    /// Refuses a signature that is not this key's over header and payload. Throws `signatureInvalid`.
    public func checkSignature(_ key: Ed25519PublicKey) throws(ProofError) {
        guard jws.isValid(under: key) else { throw ProofError(.signatureInvalid) }
    }

    /// Refuses an operation of another kind. Throws `typeHeaderInvalid`.
    func checkKind(_ expected: OperationKind) throws(ProofError) {
        guard kind == expected else { throw ProofError(.typeHeaderInvalid, typ ?? "") }
    }

    /// Refuses another token with the same payload: signed anew, or header or payload spelt anew. Throws
    /// `signatureDiffers`.
    ///
    /// `stored` is the token under which the operation of this CID is known. It is the same operation when header and
    /// payload are equal as text and the signatures as bytes: who pads another's token first does not keep the other
    /// out.
    public func checkIsSame(as stored: String) throws(ProofError) {
        if token.utf8.elementsEqual(stored.utf8) { return }
        guard let known = try? Self.parse(stored), token.utf8.elementsEqual(known.compact.utf8) else {
            throw ProofError(.signatureDiffers)
        }
    }
}
