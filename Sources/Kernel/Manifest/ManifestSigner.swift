public import Cryptography

/// Signs manifests.
///
/// It signs whatever JSON object it is given, also one that a verifier would refuse: making a manifest and judging it
/// are two things.
public enum ManifestSigner {
    /// Whose signature is made.
    public enum Role: String, Hashable, Sendable {
        /// The owner's, its delegate's or a contributor's: `signature`.
        case author = "signature"
        /// A platform's endorsement: `platformSignature`.
        case platform = "platformSignature"
    }

    /// The manifest in canonical form with a signature member put in, in place of one that was there.
    ///
    /// The other signature member stays as it is: both cover the same bytes, which contain neither.
    /// - Parameters:
    ///   - value: a JSON object.
    ///   - key: the key to sign with.
    ///   - signer: the DID to name as the signer; the key's own where nil, another for a rotated key.
    ///   - role: which signature is made.
    ///   - signedAt: an RFC 3339 time. With it a manifest of 1.1 is signed in 1.1's form; without it, and in the other
    ///     shapes, in the form of `{algorithm, publicKeyRef, value}`, which every shape accepts.
    /// - Throws: `manifest_malformed` when the value is not an object, or too large once signed.
    public static func sign(
        _ value: JSONValue, key: Ed25519PrivateKey, signer: DID? = nil, as role: Role = .author,
        signedAt: String? = nil
    ) throws(ManifestError) -> [UInt8] {
        guard value.kind == .object else { throw .malformed("a manifest is a JSON object") }
        let signature = key.sign(Manifest.signedBytes(of: value))
        let signer = signer ?? DID(publicKey: key.publicKey)
        var member = JSONWriter()
        member.beginObject()
        if let signedAt, value["fair"]?.stringEquals(ManifestShape.v1_1.rawValue) == true {
            member.field("signer", signer.string)
            member.field("alg", "ed25519")
            member.field("value", Base64URL.encode(signature))
            member.field("signedAt", signedAt)
        } else {
            member.field("algorithm", "ed25519")
            member.field("value", Hex.encode(signature))
            member.field("publicKeyRef", signer.string)
        }
        member.endObject()
        return try inserting(member.bytes, as: role.rawValue, into: value)
    }

    /// The object's canonical form with one member put in at its place.
    private static func inserting(
        _ member: [UInt8], as name: String, into value: JSONValue
    ) throws(ManifestError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field(name, raw: member)
        writer.endObject()
        // Two objects in a row become one: {"name":…} and {…} give {"name":…,…}, which is then put in order.
        let rest = value.canonicalBytes(omitting: [name])
        var joined = writer.bytes
        if rest.count > 2 {
            joined[joined.count - 1] = UInt8(ascii: ",")
            joined.append(contentsOf: rest.dropFirst())
        }
        do {
            return try JSONDocument(parsing: joined).root.canonicalBytes()
        } catch {
            throw .malformed("the manifest is too large to be signed: \(error.code)")
        }
    }
}
