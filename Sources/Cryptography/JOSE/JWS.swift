/// Compact JSON Web Signatures (RFC 7515) with Ed25519 (RFC 8037), and nothing else that JOSE could do.
public enum JWS {
    /// The longest token in bytes. A DFOS operation of 64 KiB fits with its header.
    public static let tokenBytesMax = 256 * 1_024
    /// The longest header in bytes, and how much may be in it.
    static let headerLimits = JSONLimits(depth: 8, members: 64, bytes: 8 * 1_024)

    /// The one algorithm.
    static let algorithm = "EdDSA"
    private static let dot: UInt8 = 0x2e

    /// Signs `payload` and returns the token.
    ///
    /// The protected header is `alg`, then `header`'s members in the order given; `header` has no `alg` of its own
    /// but `EdDSA`, and no name twice. The payload's bytes are signed as they are.
    public static func sign(
        payload: some ByteSource, header: [(String, String)] = [], key: Ed25519PrivateKey
    ) -> String {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.field("alg", algorithm)
        for (name, value) in header {
            guard name != "alg" else {
                precondition(value == algorithm, "a token is signed with EdDSA")
                continue
            }
            writer.field(name, value)
        }
        writer.endObject()
        return sign(payload: payload, headerBytes: writer.bytes, key: key)
    }

    /// Signs `payload` under a header given as its JSON bytes, which are not changed and not checked.
    package static func sign(
        payload: some ByteSource, headerBytes: some ByteSource, key: Ed25519PrivateKey
    ) -> String {
        var token = Base64URL.encodeToBytes(headerBytes)
        token.append(dot)
        token.append(contentsOf: Base64URL.encodeToBytes(payload))
        let signature = key.sign(token)
        token.append(dot)
        token.append(contentsOf: Base64URL.encodeToBytes(signature))
        return String(decoding: token, as: UTF8.self)
    }

    /// Takes a token apart and checks all but its signature, which needs the signer's key:
    /// ``JWSToken/isValid(under:)``.
    ///
    /// Throws ``JWSError``. Base64url is strict: no padding, no spare bits, so that a token has one text.
    public static func parse(_ compact: String) throws(JWSError) -> JWSToken {
        try parse(compact, profile: .strict)
    }

    /// Takes a token apart as ``parse(_:)`` does, under another protocol's rules. Throws ``JWSError``.
    package static func parse(_ compact: String, profile: Profile) throws(JWSError) -> JWSToken {
        let token = Array(compact.utf8)
        guard token.count <= profile.tokenBytesMax else { throw .bytesExceeded }
        guard let firstDot = token.firstIndex(of: dot),
            let secondDot = token[(firstDot + 1)...].firstIndex(of: dot),
            let headerBytes = profile.decode(token[..<firstDot]),
            let payload = profile.decode(token[(firstDot + 1)..<secondDot]),
            let signature = profile.decode(token[(secondDot + 1)...])
        else { throw .malformed }
        guard headerBytes.count <= profile.headerLimits.bytes else { throw .bytesExceeded }
        guard let header = try? JSONDocument(parsing: headerBytes, limits: profile.headerLimits) else {
            throw .headerInvalid
        }
        try check(header.root, profile: profile)
        guard signature.count == Ed25519PublicKey.signatureByteCount else { throw .signatureLengthInvalid }
        return JWSToken(
            header: header, payload: payload, signature: signature, signingInput: Array(token[..<secondDot]))
    }

    private static func check(_ header: JSONValue, profile: Profile) throws(JWSError) {
        guard header.kind == .object else { throw .headerInvalid }
        guard let declared = header["alg"], declared.stringEquals(algorithm) else { throw .algorithmUnsupported }
        guard header["crit"] == nil else { throw .extensionUnsupported }
        if profile.isEncodingFixed, let encoding = header["b64"], encoding.bool != true {
            throw .extensionUnsupported
        }
        for name in profile.keyMembers where header[name] != nil { throw .keyInHeader }
        for name in ["typ", "kid", "cid"] {
            if let value = header[name], value.kind != .string { throw .headerInvalid }
        }
    }
}
