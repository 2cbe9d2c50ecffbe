import Cryptography

/// Verifies a request's signature (RFC 9421) and the digest of its body (RFC 9530).
package struct SignatureVerifier: Sendable {
    let policy: SignaturePolicy

    package init(policy: SignaturePolicy) { self.policy = policy }

    /// What was sent.
    package struct Request {
        let method: String
        let target: String
        let fields: RequestFields
        let body: [UInt8]
        /// Whether an `Idempotency-Key` makes a replay harmless on this route.
        let keyMakesReplayHarmless: Bool

        package init(
            method: String, target: String, fields: RequestFields, body: [UInt8], keyMakesReplayHarmless: Bool
        ) {
            self.method = method
            self.target = target
            self.fields = fields
            self.body = body
            self.keyMakesReplayHarmless = keyMakesReplayHarmless
        }
    }

    /// The sender.
    ///
    /// The order of the checks: there is a signature; it is well-formed and covers what it must; its time; the body's
    /// digest; the key; the signature; at last the nonce, which nobody but the key's holder can use up.
    ///
    /// - Parameter now: Unix seconds.
    /// - Throws: `signature_missing`, `signature_invalid`, `signature_expired`, `signature_replayed`; `rate_limited`
    ///   or `overloaded` when no more nonces can be remembered; what the policy's closures throw.
    package func verify(_ request: Request, now: Int64) async throws -> Caller {
        guard let inputField = request.fields.signatureInput, let signatureField = request.fields.signature else {
            if request.fields.signatureInput == nil, request.fields.signature == nil {
                throw Problem(.signatureMissing, "Signature-Input and Signature are required here")
            }
            throw Self.invalid("Signature-Input and Signature go together")
        }
        let input: SignatureInput
        let signature: [UInt8]
        do {
            input = try SignatureInput(inputField)
            guard let bytes = try ByteSequenceField.member(SignatureInput.label, of: signatureField) else {
                throw Self.invalid("Signature has no sig1")
            }
            signature = bytes
        } catch let failure as StructuredFieldParser.Failure {
            throw Self.invalid(failure.reason)
        }
        guard let created = input.created, let nonce = input.nonce, let keyID = input.keyID,
            let algorithm = input.algorithm
        else { throw Self.invalid("created, nonce, keyid and alg are required") }
        let parts = try parts(of: request, input)
        try checkTime(created: created, expires: input.expires, now: now)
        try checkDigest(parts.contentDigest, body: request.body)
        let base = parts.base(input.components, parameters: input.text)
        let caller: Caller
        switch algorithm {
        case "hmac-sha256":
            let key = try await sessionKey(keyID, nowMilliseconds: now * 1000)
            guard key.key.isValid(signature, for: base) else { throw Self.mismatch }
            caller = Caller(did: key.signer.did, via: .session(keyID: keyID), nonce: nonce, created: created)
        case "ed25519":
            let did: DID
            do { did = try DID(keyID) } catch { throw Self.invalid("keyid is not a DID") }
            let key = try await Self.signer(of: base, signature, among: try await policy.keysForDID(did), for: did)
            caller = Caller(did: did, via: .ed25519(key), nonce: nonce, created: created)
        default: throw Self.invalid("alg is neither ed25519 nor hmac-sha256")
        }
        if parts.idempotencyKey == nil || !request.keyMakesReplayHarmless {
            try policy.nonces.claim(
                caller: caller.did.string, nonce: nonce, usableUntil: created + policy.windowSeconds, now: now)
        }
        return caller
    }

    /// The values that the signature is over, after a look that it covers each that it must.
    private func parts(of request: Request, _ input: SignatureInput) throws(Problem) -> SignedParts {
        guard let host = request.fields.host, let authority = policy.origins.authority(ofHost: host) else {
            throw Self.invalid("Host is not one of this node's origins")
        }
        guard let digest = request.fields.contentDigest else { throw Self.invalid("Content-Digest is required") }
        let parts = SignedParts(
            method: request.method, authority: authority, target: request.target, contentDigest: digest,
            idempotencyKey: request.fields.idempotencyKey)
        let required = parts.required
        for component in required where !input.components.contains(component) {
            throw Self.invalid("\(component.name) is not covered")
        }
        // Components are distinct, so that equal counts mean equal sets.
        guard input.components.count == required.count else {
            throw Self.invalid("a component is covered that the request does not have")
        }
        return parts
    }

    private func checkTime(created: Int64, expires: Int64?, now: Int64) throws(Problem) {
        guard abs(now - created) <= policy.windowSeconds, expires ?? now >= now else {
            throw Problem(
                .signatureExpired, "created is more than \(policy.windowSeconds) s from now, or expires passed")
        }
    }

    private func checkDigest(_ field: String, body: [UInt8]) throws {
        let digest: [UInt8]?
        do {
            digest = try ByteSequenceField.member("sha-256", of: field)
        } catch {
            throw Self.invalid("Content-Digest: \(error.reason)")
        }
        guard let digest else { throw Self.invalid("Content-Digest has no sha-256") }
        guard digest == SHA256.hash(body) else { throw Self.invalid("Content-Digest does not match the body") }
    }

    private func sessionKey(_ keyID: String, nowMilliseconds: Int64) async throws -> SessionKeyStore.Entry {
        guard let sessions = policy.sessions else { throw Self.invalid("this service accepts no session keys") }
        if let entry = sessions.cached(keyID) { return try await current(entry, nowMilliseconds) }
        guard let entry = try await sessions.find(keyID, nowMilliseconds: nowMilliseconds) else {
            throw Self.invalid("the session key is unknown or revoked")
        }
        return try await current(entry, nowMilliseconds)
    }

    /// A session key ends with its time, and with the key that asked for it.
    private func current(_ entry: SessionKeyStore.Entry, _ now: Int64) async throws -> SessionKeyStore.Entry {
        guard entry.expiresAt > now else { throw Problem(.signatureExpired, "the session key has ended") }
        guard try await policy.isCurrent(entry.signer) else {
            throw Self.invalid("the session key was given to a key that has been rotated out")
        }
        return entry
    }

    /// The key that made a signature.
    private static func signer(
        of base: [UInt8], _ signature: [UInt8], among keys: SigningKeys, for did: DID
    ) throws(Problem) -> Ed25519PublicKey {
        if let key = keys.current.first(where: { $0.isValidSignature(signature, for: base) }) { return key }
        let retired = keys.retired.prefix(retiredKeysTried)
        if retired.contains(where: { $0.isValidSignature(signature, for: base) }) {
            throw invalid("the key that signed has been rotated out of \(did)")
        }
        if let problem = keys.otherwise { throw problem }
        throw keys.current.isEmpty ? invalid("no key signs for \(did)") : mismatch
    }

    /// For the word of the refusal alone, some 50 µs each: anybody may send a signature that is nobody's.
    private static let retiredKeysTried = 32

    private static var mismatch: Problem { invalid("the signature does not verify over the covered components") }

    private static func invalid(_ detail: String) -> Problem { Problem(.signatureInvalid, detail) }
}
