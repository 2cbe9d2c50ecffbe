/// Ed25519 keys as JSON Web Keys (RFC 7517, RFC 8037): `kty` OKP, `crv` Ed25519. Files are read and written elsewhere.
public enum JWK {
    /// How large a key file may be: a JWK takes some 250 bytes, and others may have added members.
    static let limits = JSONLimits(depth: 4, members: 32, bytes: 8 * 1_024)

    /// Returns the JSON of a private key: `kty`, `crv`, `x`, `d`, and the key's DID as `kid`. A secret.
    public static func encode(privateKey: Ed25519PrivateKey) -> [UInt8] {
        encode(privateKey.publicKey, seed: privateKey.seed)
    }

    /// Returns the JSON of a public key: `kty`, `crv`, `x`, and the key's DID as `kid`.
    public static func encode(publicKey: Ed25519PublicKey) -> [UInt8] {
        encode(publicKey, seed: nil)
    }

    private static func encode(_ publicKey: Ed25519PublicKey, seed: [UInt8]?) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("kty", "OKP")
        writer.field("crv", "Ed25519")
        writer.field("x", Base64URL.encode(publicKey.rawBytes))
        if let seed { writer.field("d", Base64URL.encode(seed)) }
        writer.field("kid", DID(publicKey: publicKey))
        writer.endObject()
        return writer.bytes
    }

    /// Reads a private key. Throws `jwkInvalid`, or `keyMismatch` when `d` and `x` are not of one pair.
    public static func decodePrivate(_ bytes: [UInt8]) throws(CryptographyError) -> Ed25519PrivateKey {
        let object = try parse(bytes)
        guard let seed = object["d"]?.string.flatMap({ Base64URL.decode($0) }),
            seed.count == Ed25519PrivateKey.seedByteCount
        else { throw .jwkInvalid }
        let key = try Ed25519PrivateKey(seed: seed)
        guard try publicKey(object) == key.publicKey else { throw .keyMismatch }
        return key
    }

    /// Reads the public key of a public or private JWK; `d` is not looked at.
    ///
    /// Throws `jwkInvalid`, `keyLengthInvalid`, `keyNonCanonical` or `keySmallOrder`.
    public static func decodePublic(_ bytes: [UInt8]) throws(CryptographyError) -> Ed25519PublicKey {
        try publicKey(try parse(bytes))
    }

    private static func parse(_ bytes: [UInt8]) throws(CryptographyError) -> JSONValue {
        guard let root = try? JSONDocument(parsing: bytes, limits: limits).root,
            root["kty"]?.stringEquals("OKP") == true, root["crv"]?.stringEquals("Ed25519") == true
        else { throw .jwkInvalid }
        return root
    }

    private static func publicKey(_ object: JSONValue) throws(CryptographyError) -> Ed25519PublicKey {
        guard let rawBytes = object["x"]?.string.flatMap({ Base64URL.decode($0) }) else { throw .jwkInvalid }
        return try Ed25519PublicKey(rawBytes: rawBytes)
    }
}
