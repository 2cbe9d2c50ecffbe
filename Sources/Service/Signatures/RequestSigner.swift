public import Cryptography

/// Signs requests as the services verify them: for the command line, tests, and the load driver.
public struct RequestSigner: Sendable {
    private enum Key: Sendable {
        case ed25519(Ed25519PrivateKey)
        case session(HMACSHA256.Key)
    }

    private let key: Key
    private let keyID: String

    /// Signs with a DID's own key.
    ///
    /// - Parameter did: the DID it signs for; by default the one made of the key. Another one after a rotation.
    public init(key: Ed25519PrivateKey, did: DID? = nil) {
        self.key = .ed25519(key)
        keyID = (did ?? DID(publicKey: key.publicKey)).string
    }

    /// Signs with a session key, as `POST /api/session-keys` answered it.
    ///
    /// - Parameter secret: the answer's `secret` after base64url decoding.
    public init(sessionKeyID: String, secret: [UInt8]) {
        key = .session(HMACSHA256.Key(secret))
        keyID = sessionKeyID
    }

    /// The header fields to add to a request: `Content-Digest`, `Signature-Input`, `Signature`, and `Idempotency-Key`
    /// when one is given.
    ///
    /// - Parameters:
    ///   - authority: the `Host` that will be sent, lower case, without the default port.
    ///   - target: path and query, exactly as they will be sent.
    ///   - created: Unix seconds.
    ///   - nonce: 1 to 128 characters without quotes and backslashes; never the same twice.
    public func headers(
        method: Method, authority: String, target: String, body: [UInt8], idempotencyKey: String? = nil,
        created: Int64, nonce: String
    ) -> [(name: String, value: String)] {
        let digest = "sha-256=:" + Base64.encode(SHA256.hash(body)) + ":"
        let parts = SignedParts(
            method: method.rawValue, authority: authority, target: target, contentDigest: digest,
            idempotencyKey: idempotencyKey)
        let components = parts.required
        let algorithm =
            switch key {
            case .ed25519: "ed25519"
            case .session: "hmac-sha256"
            }
        var parameters = "("
        for component in components {
            if parameters.utf8.count > 1 { parameters += " " }
            parameters += "\"\(component.name)\""
        }
        parameters += ");created=\(created);nonce=\"\(nonce)\";keyid=\"\(keyID)\";alg=\"\(algorithm)\""
        let base = parts.base(components, parameters: Array(parameters.utf8)[...])
        let signature =
            switch key {
            case .ed25519(let key): key.sign(base)
            case .session(let key): key.authenticate(base)
            }
        var headers = [
            (name: "content-digest", value: digest), (name: "signature-input", value: "sig1=" + parameters),
            (name: "signature", value: "sig1=:" + Base64.encode(signature) + ":"),
        ]
        if let idempotencyKey { headers.append((name: "idempotency-key", value: idempotencyKey)) }
        return headers
    }
}
