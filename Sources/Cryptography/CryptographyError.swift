/// Why a key, an identifier or a key file was refused.
///
/// Parsers with more to say have errors of their own: ``JSONError``, ``CBORError`` and ``JWSError``.
public enum CryptographyError: Error, Hashable, Sendable {
    /// A public key or a seed that is not 32 bytes long.
    case keyLengthInvalid
    /// A public key whose point has order 1, 2, 4 or 8: one signature would be valid for many messages.
    case keySmallOrder
    /// A public key whose y coordinate is not reduced modulo 2^255 - 19, so that two encodings name one point.
    case keyNonCanonical
    /// Private and public part of a key file do not belong together.
    case keyMismatch
    /// Not a DID that this node accepts; see ``DID``.
    case didInvalid
    /// Not a CIDv1 of raw or dag-cbor content under SHA-256; see ``CID``.
    case cidInvalid
    /// Not a JWK of an Ed25519 key; see ``JWK``.
    case jwkInvalid
    /// Not a Solana keypair file; see ``SolanaKeypair``.
    case solanaKeypairInvalid

    /// The stable name of the error, in snake case, for logs, scripts and problem documents.
    public var code: String {
        switch self {
        case .keyLengthInvalid: "key_length_invalid"
        case .keySmallOrder: "key_small_order"
        case .keyNonCanonical: "key_non_canonical"
        case .keyMismatch: "key_mismatch"
        case .didInvalid: "did_invalid"
        case .cidInvalid: "cid_invalid"
        case .jwkInvalid: "jwk_invalid"
        case .solanaKeypairInvalid: "solana_keypair_invalid"
        }
    }
}
