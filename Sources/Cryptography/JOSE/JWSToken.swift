/// A compact JWS taken apart. Its signature has not been checked until ``isValid(under:)`` says so.
public struct JWSToken: Sendable {
    /// The protected header, a JSON object.
    public let header: JSONDocument
    /// What was signed, as bytes; whether it is JSON is for the caller to find out.
    public let payload: [UInt8]
    /// The 64 bytes of the signature.
    public let signature: [UInt8]
    /// The bytes that the signature covers: the first two parts of the token with the dot between them.
    public let signingInput: [UInt8]

    /// The token with its signature in the one text that it has without padding and spare bits.
    public var compact: String {
        String(decoding: signingInput + [0x2e] + Base64URL.encodeToBytes(signature), as: UTF8.self)
    }

    /// The header's JSON bytes as they were sent.
    public var headerBytes: [UInt8] { header.bytes }

    /// The header's `typ`; nil when there is none.
    public var type: String? { header.root["typ"]?.string }

    /// The header's `kid`, which names the signer's key; nil when there is none.
    public var keyID: String? { header.root["kid"]?.string }

    /// The header's `cid`, under which the signer names the payload; nil when there is none.
    public var contentID: String? { header.root["cid"]?.string }

    /// Whether the signature is this key's over header and payload.
    public func isValid(under key: Ed25519PublicKey) -> Bool {
        key.isValidSignature(signature, for: signingInput)
    }
}
