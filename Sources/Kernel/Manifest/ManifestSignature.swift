public import Cryptography

/// A signature member as a manifest carries it.
public enum ManifestSignature: Hashable, Sendable {
    /// There is none.
    case absent
    /// Somebody's 64 bytes.
    case claimed(signer: DID, bytes: [UInt8])
    /// Something is there that cannot verify: text that is no signature, an algorithm other than Ed25519, no DID.
    case unreadable(String)

    /// Reads any of the three forms: `{algorithm, value: hex, publicKeyRef}`, 1.1's `{signer, alg, value: base64url,
    /// signedAt}`, or a bare string of 128 hex digits.
    ///
    /// A member of the wrong JSON type, without a part, or mixing both object forms is malformed. A part that has the
    /// right type and says nothing usable is left to the signature check, which comes later.
    /// - Parameter bareSigner: who a bare string is by: the owner, else the first contributor.
    /// - Throws: `manifest_malformed`.
    init(_ value: JSONValue?, at path: String, bareSigner: DID?) throws(ManifestError) {
        guard let value, !value.isNull else {
            self = .absent
            return
        }
        if let text = value.string {
            self = ManifestSignature.bare(text, at: path, signer: bareSigner)
            return
        }
        guard value.kind == .object else { throw .malformed("\(path) is neither an object nor a string") }
        let isOriginal = value["algorithm"] != nil || value["publicKeyRef"] != nil
        let isNewer = value["alg"] != nil || value["signer"] != nil
        guard isOriginal != isNewer else {
            throw .malformed("\(path) has neither the form of 1.0 nor that of 1.1, or parts of both")
        }
        let algorithm = try ManifestSignature.part(value, isNewer ? "alg" : "algorithm", at: path)
        let signer = try ManifestSignature.part(value, isNewer ? "signer" : "publicKeyRef", at: path)
        let text = try ManifestSignature.part(value, "value", at: path)
        guard algorithm == "ed25519" else {
            self = .unreadable("\(path) is of another algorithm than ed25519")
            return
        }
        guard let signer = try? DID(signer) else {
            self = .unreadable("\(path) names no DID")
            return
        }
        let bytes = isNewer ? Base64URL.decode(text) : Hex.decode(text)
        guard let bytes, bytes.count == Ed25519PublicKey.signatureByteCount else {
            self = .unreadable("\(path) is not 64 bytes in \(isNewer ? "base64url" : "hex")")
            return
        }
        self = .claimed(signer: signer, bytes: bytes)
    }

    private static func bare(_ text: String, at path: String, signer: DID?) -> ManifestSignature {
        guard !text.isEmpty else { return .absent }
        guard let bytes = Hex.decode(text), bytes.count == Ed25519PublicKey.signatureByteCount else {
            return .unreadable("\(path) is not 128 hex digits")
        }
        guard let signer else { return .unreadable("\(path) names no signer, and the first contributor is no DID") }
        return .claimed(signer: signer, bytes: bytes)
    }

    private static func part(_ value: JSONValue, _ name: String, at path: String) throws(ManifestError) -> String {
        guard let text = value[name]?.string else { throw .malformed("\(path).\(name) is missing or not a string") }
        return text
    }
}
