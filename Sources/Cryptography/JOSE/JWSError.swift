/// Why a compact JWS was refused before its signature was looked at.
public enum JWSError: String, Error, Hashable, Sendable, CaseIterable {
    /// Not three base64url parts, or not ASCII.
    case malformed = "jws_malformed"
    /// Longer than the limit.
    case bytesExceeded = "jws_bytes_exceeded"
    /// The header is no JSON object, or `typ`, `kid` or `cid` in it is no string.
    case headerInvalid = "jws_header_invalid"
    /// `alg` is not exactly `EdDSA`.
    case algorithmUnsupported = "jws_algorithm_unsupported"
    /// The header asks for an extension: `crit`, or `b64` other than true.
    case extensionUnsupported = "jws_extension_unsupported"
    /// The header brings its own key: `jwk`, `jku`, `x5c` or `x5u`. Keys come from the signer's DID, never from the
    /// token.
    case keyInHeader = "jws_key_in_header"
    /// The signature is not 64 bytes long.
    case signatureLengthInvalid = "jws_signature_length_invalid"

    /// The stable name of the error.
    public var code: String { rawValue }
}
