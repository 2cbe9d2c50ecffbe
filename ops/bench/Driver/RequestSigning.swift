import Cryptography

/// Writes signed requests (RFC 9421, RFC 9530) as the bytes that go out on the socket.
///
/// The driver has its own few lines for it and links no service, so that a mistake in the services' code shows as 401.
struct RequestSigning {
    enum Key {
        case ed25519(Ed25519PrivateKey)
        case session(HMACSHA256.Key)
    }

    let key: Key
    /// The DID, or the session key's `key_id`.
    let keyID: String
    /// `127.0.0.1:3004`: what goes into `Host`, and into the signature.
    let authority: String
    /// Unix seconds, set just before a run: a signature is good for 300 s.
    let created: Int64
    /// Different in every run, so that no nonce and no idempotency key comes twice.
    let run: String

    func post(_ path: String, body: [UInt8], number: Int, isIdempotent: Bool = true) -> [UInt8] {
        let digest = "sha-256=:" + Base64.encode(SHA256.hash(body)) + ":"
        let idempotencyKey = "\(run)-\(number)"
        let algorithm = if case .session = key { "hmac-sha256" } else { "ed25519" }
        let covered = #""@method" "@authority" "@path" "content-digest""# + (isIdempotent ? #" "idempotency-key""# : "")
        let parameters =
            "(\(covered));created=\(created);nonce=\"\(run)\(number)\";keyid=\"\(keyID)\";alg=\"\(algorithm)\""
        var base =
            "\"@method\": POST\n\"@authority\": \(authority)\n\"@path\": \(path)\n\"content-digest\": \(digest)\n"
        if isIdempotent { base += "\"idempotency-key\": \(idempotencyKey)\n" }
        base += "\"@signature-params\": \(parameters)"
        let signature =
            switch key {
            case .ed25519(let key): key.sign(Array(base.utf8))
            case .session(let key): key.authenticate(Array(base.utf8))
            }
        var head = "POST \(path) HTTP/1.1\r\nhost: \(authority)\r\ncontent-type: application/json\r\n"
        head += "content-length: \(body.count)\r\ncontent-digest: \(digest)\r\n"
        if isIdempotent { head += "idempotency-key: \(idempotencyKey)\r\n" }
        head += "signature-input: sig1=\(parameters)\r\nsignature: sig1=:\(Base64.encode(signature)):\r\n\r\n"
        return Array(head.utf8) + body
    }
}
