public import Cryptography

/// Makes operations in the name of an identity. Pure: times come from the caller, and an Ed25519 signature is a
/// function of key and message, so that the same arguments give the same token.
///
/// What it makes is read back as any operation is, and refused when it would be refused elsewhere. Whether the key may
/// sign for the identity is not known here.
public struct OperationSigner: Sendable {
    /// In whose name.
    public let did: DFOSDID
    /// What the identity calls the key.
    public let keyID: KeyID
    let privateKey: Ed25519PrivateKey

    /// Takes a key and its name.
    public init(did: DFOSDID, keyID: KeyID, privateKey: Ed25519PrivateKey) {
        self.did = did
        self.keyID = keyID
        self.privateKey = privateKey
    }

    /// The key as a token's `kid` names it.
    public var reference: KeyReference { KeyReference(did: did, keyID: keyID) }

    func sign(_ kind: OperationKind, _ body: (inout JSONWriter) -> Void) throws(ProofError) -> SignedOperation {
        try Self.sign(kind, kid: reference.string, privateKey, body)
    }

    /// Header and payload in the order in which the protocol's own documents write them.
    static func sign(
        _ kind: OperationKind, kid: String, _ privateKey: Ed25519PrivateKey, _ body: (inout JSONWriter) -> Void
    ) throws(ProofError) -> SignedOperation {
        var writer = JSONWriter(reserving: 1_024)
        writer.beginObject()
        writer.field("version", 1)
        body(&writer)
        writer.endObject()
        let cid: CID
        do {
            let payload = try JSONDocument(parsing: writer.bytes, limits: ProofLimits.payload)
            cid = CID(codec: .dagCBOR, hashing: try DAGCBOR.encode(json: payload.root))
        } catch {
            throw ProofError(.payloadNotCanonical)
        }
        let token = JWS.sign(
            payload: writer.bytes, header: [("typ", kind.typ), ("kid", kid), ("cid", cid.string)], key: privateKey)
        return try SignedOperation(token: token)
    }
}

extension JSONWriter {
    mutating func field(_ name: String, _ value: Timestamp) { field(name, value.string) }

    mutating func field(_ name: String, _ did: DFOSDID) { field(name, did.string) }

    mutating func nullableField(_ name: String, _ cid: CID?) { field(name, cid?.string) }

    mutating func field(_ name: String, _ keys: [Multikey]) {
        array(name) { writer in
            for key in keys {
                writer.beginObject()
                writer.field("id", key.id.string)
                writer.field("type", Multikey.type)
                writer.field("publicKeyMultibase", key.publicKeyMultibase)
                writer.endObject()
            }
        }
    }

    mutating func fields(_ keys: KeySet) {
        field("authKeys", keys.auth)
        field("assertKeys", keys.assert)
        field("controllerKeys", keys.controller)
    }

    mutating func field(_ services: [ServiceEntry]) {
        guard !services.isEmpty else { return }
        array("services") { writer in
            for entry in services { writer.value(.map(entry.members)) }
        }
    }
}
