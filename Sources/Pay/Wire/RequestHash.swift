package import Cryptography

/// The hash by which a retry is told from another request under the same key.
///
/// `SHA-256("mjn-request-v1\0" ‖ target ‖ "\0" ‖ body ‖ "\0" ‖ manifest)`: the target names what is asked and of what;
/// the body is the request's canonical JSON (RFC 8785) without `fair_manifest` and `idempotency_key`; the manifest is
/// SHA-256 of the canonical form of `fair_manifest`, or nothing. Canonical JSON contains no NUL, so that no two
/// requests share an input. The manifest stands as its hash because that is known already for one that was seen before.
package enum RequestHash {
    /// The target of a settlement, alone or in a batch.
    package static let settle = "settle"

    private static let domain = Array("mjn-request-v1\0".utf8)
    private static let separator: [UInt8] = [0]
    private static let omitted = ["fair_manifest", "idempotency_key"]

    /// 32 bytes.
    package static func of(_ target: String, _ body: JSONValue?, manifestHash: [UInt8] = []) -> [UInt8] {
        var hasher = SHA256.Hasher()
        hasher.update(domain)
        hasher.update(target.utf8)
        hasher.update(separator)
        if let body { hasher.update(body.canonicalBytes(omitting: omitted)) }
        hasher.update(separator)
        hasher.update(manifestHash)
        return hasher.finalize()
    }
}
