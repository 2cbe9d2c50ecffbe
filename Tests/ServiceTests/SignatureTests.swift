import Cryptography
import Service
import Synchronization
import Testing

@Suite("Signed requests")
struct SignatureTests {
    let key = Ed25519PrivateKey()
    let sessions = SessionKeyStore()
    let policy: SignaturePolicy

    init() throws {
        policy = SignaturePolicy(
            origins: try PublicOrigins(["https://pay.example", "http://10.0.0.1:3004"], allowLoopback: false),
            sessions: sessions)
    }

    func signed(_ change: (inout SignedRequest) -> Void = { _ in }) -> SignedRequest {
        var request = SignedRequest()
        change(&request)
        request.sign(RequestSigner(key: key))
        return request
    }

    func session() async throws -> (SessionKey, RequestSigner) {
        let caller = try await signed { $0.nonce = "for the session" }.verify(policy)
        let session = try await sessions.issue(for: caller, nowMilliseconds: 1_774_958_400_000)
        return (session, RequestSigner(sessionKeyID: session.keyID, secret: session.secret))
    }

    @Test("a request signed with a DID's key is its own", arguments: ["/", "/a", "/a?", "/a?b=c&d", "/%7E?x=%20"])
    func ed25519(target: String) async throws {
        let caller = try await signed { $0.target = target }.verify(policy)
        #expect(caller.did == DID(publicKey: key.publicKey))
        #expect(caller.via == .ed25519(key.publicKey))
    }

    @Test("a request signed with a session key is its DID's")
    func hmac() async throws {
        let (session, signer) = try await session()
        var request = SignedRequest()
        request.sign(signer)
        let caller = try await request.verify(policy)
        #expect(caller.did == DID(publicKey: key.publicKey))
        #expect(caller.via == .session(keyID: session.keyID))
    }

    @Test("whatever is changed after signing, the signature is invalid", arguments: [true, false])
    func tampering(bySession: Bool) async throws {
        let signer = bySession ? try await session().1 : RequestSigner(key: key)
        let changes: [(String, (inout SignedRequest) -> Void)] = [
            ("method", { $0.method = .put }), ("authority", { $0.host = "10.0.0.1:3004" }),
            ("path", { $0.target = "/api/settlf?a=1" }), ("query", { $0.target = "/api/settle?a=2" }),
            ("query dropped", { $0.target = "/api/settle" }), ("body", { $0.body[0] ^= 1 }),
            ("body dropped", { $0.body = [] }), ("key", { $0[header: "idempotency-key"] = "key-2" }),
            ("key dropped", { $0.headers.removeAll { $0.name == "idempotency-key" } }),
            ("key quoted", { $0[header: "idempotency-key"] = "\"key-1\"" }),
            ("created", { $0.replace("created=1774958400", "created=1774958401", in: "signature-input") }),
            ("nonce", { $0.replace("n-1", "n-2", in: "signature-input") }),
            ("order", { $0.replace(#""@method" "@authority""#, #""@authority" "@method""#, in: "signature-input") }),
            ("spacing", { $0.replace(#""@method" "@a"#, #""@method"  "@a"#, in: "signature-input") }),
        ]
        for (name, change) in changes {
            var request = SignedRequest()
            request.target = "/api/settle?a=1"
            request.sign(signer)
            #expect(try await request.code(policy) == "accepted", "\(name), before")
            change(&request)
            #expect(try await request.code(policy) == "signature_invalid", "\(name)")
        }
    }

    @Test("a header field that is missing, doubled or malformed is refused")
    func malformed() async throws {
        let changes: [(String, (inout SignedRequest) -> Void)] = [
            ("no digest", { $0.headers.removeAll { $0.name == "content-digest" } }),
            ("digest of another kind", { $0.replace("sha-256", "sha-512", in: "content-digest") }),
            ("digest not base64", { $0.replace("=:", "=:!", in: "content-digest") }),
            ("no signature", { $0.headers.removeAll { $0.name == "signature" } }),
            ("no input", { $0.headers.removeAll { $0.name == "signature-input" } }),
            ("another label", { $0.replace("sig1", "sig2", in: "signature") }),
            ("label in input", { $0.replace("sig1", "sig2", in: "signature-input") }),
            ("label twice", { $0[header: "signature-input"] += ", " + $0[header: "signature-input"] }),
            ("signature twice", { $0[header: "signature"] += ", " + $0[header: "signature"] }),
            ("component twice", { $0.replace(#""@path""#, #""@path" "@path""#, in: "signature-input") }),
            ("component more", { $0.replace(#""@path""#, #""@path" "@query""#, in: "signature-input") }),
            ("component unknown", { $0.replace(#""@path""#, #""@path" "date""#, in: "signature-input") }),
            ("component parameter", { $0.replace(#""@path""#, #""@path";req"#, in: "signature-input") }),
            ("component fewer", { $0.replace(#" "@path""#, "", in: "signature-input") }),
            ("component case", { $0.replace("@path", "@Path", in: "signature-input") }),
            ("parameter twice", { $0[header: "signature-input"] += ";nonce=\"x\"" }),
            ("parameter unknown", { $0[header: "signature-input"] += ";extra=1" }),
            ("no created", { $0.replace(";created=1774958400", "", in: "signature-input") }),
            ("created text", { $0.replace("=1774958400", "=\"1774958400\"", in: "signature-input") }),
            ("created decimal", { $0.replace("=1774958400", "=1774958400.0", in: "signature-input") }),
            ("no nonce", { $0.replace(";nonce=\"n-1\"", "", in: "signature-input") }),
            ("empty nonce", { $0.replace("n-1", "", in: "signature-input") }),
            ("alg none", { $0.replace("\"ed25519\"", "\"none\"", in: "signature-input") }),
            ("alg confused", { $0.replace("\"ed25519\"", "\"hmac-sha256\"", in: "signature-input") }),
            ("no alg", { $0.replace(";alg=\"ed25519\"", "", in: "signature-input") }),
            ("keyid no DID", { $0.replace("did:imajin:", "did:imajin:soft:", in: "signature-input") }),
            ("trailing comma", { $0[header: "signature-input"] += "," }),
            ("trailing garbage", { $0[header: "signature-input"] += " x" }),
            ("unclosed list", { $0[header: "signature-input"] = "sig1=(\"@method\"" }),
            ("unclosed string", { $0[header: "signature-input"] = "sig1=(\"@method" }),
            ("empty", { $0[header: "signature-input"] = "" }),
            ("signature short", { $0[header: "signature"] = "sig1=:AAAA:" }),
            ("signature token", { $0[header: "signature"] = "sig1=abc" }),
        ]
        for (name, change) in changes {
            var request = signed()
            change(&request)
            #expect(try await request.code(policy) == "signature_invalid", "\(name)")
        }
        var request = signed()
        request.headers.removeAll { $0.name.hasPrefix("signature") }
        #expect(try await request.code(policy) == "signature_missing")
    }

    @Test("other members of Signature-Input, Signature and Content-Digest are read past")
    func otherLabels() async throws {
        var request = signed()
        request[header: "signature-input"] =
            #"proxy=("@method";req "x" );a=1;b=?0;c=:AA==:, "#
            + request[header: "signature-input"] + #" , other;x=tok/en"#
        request[header: "signature"] = "proxy=:AA==:, " + request[header: "signature"]
        #expect(try await request.code(policy) == "accepted")
    }

    @Test("the time may differ by 300 seconds, and not by 301", arguments: [-301, -300, 0, 300, 301])
    func window(offset: Int64) async throws {
        let code = try await signed().code(policy, now: 1_774_958_400 + offset)
        #expect(code == (abs(offset) > 300 ? "signature_expired" : "accepted"))
    }

    @Test("expires is kept")
    func expires() async throws {
        var request = signed()
        request[header: "signature-input"] += ";expires=1774958399"
        #expect(try await request.code(policy) == "signature_expired")
    }

    @Test("a nonce is good once without an idempotency key, and always with one")
    func replay() async throws {
        let keyed = signed()
        #expect(try await keyed.code(policy) == "accepted")
        #expect(try await keyed.code(policy) == "accepted")
        let bare = signed { $0.idempotencyKey = nil }
        #expect(try await bare.code(policy) == "accepted")
        #expect(try await bare.code(policy) == "signature_replayed")
        #expect(try await bare.code(policy, now: 1_774_958_700) == "signature_replayed")
        let later = signed { ($0.idempotencyKey, $0.created) = (nil, 1_774_958_650) }
        #expect(try await later.code(policy, now: 1_774_958_650) == "signature_replayed", "the nonce of an older one")
        let keyless = signed { ($0.takesKeys, $0.nonce) = (false, "n-2") }
        #expect(try await keyless.code(policy) == "accepted")
        #expect(try await keyless.code(policy) == "signature_replayed", "the route makes nothing of the key")
    }

    @Test("a forged request does not use up a nonce")
    func forgedNonce() async throws {
        var forged = signed { $0.idempotencyKey = nil }
        let genuine = forged
        forged[header: "signature"] = "sig1=:" + Base64.encode([UInt8](repeating: 7, count: 64)) + ":"
        #expect(try await forged.code(policy) == "signature_invalid")
        #expect(try await genuine.code(policy) == "accepted")
    }

    @Test("the key that signs for a DID is whichever the resolver gives")
    func rotation() async throws {
        let old = Ed25519PrivateKey()
        let did = DID(publicKey: old.publicKey)
        let current = key.publicKey
        let rotated = SignaturePolicy(
            origins: policy.origins, keysForDID: { SigningKeys(current: $0 == did ? [current] : []) })
        var request = SignedRequest()
        request.sign(RequestSigner(key: key, did: did))
        #expect(try await request.verify(rotated).did == did)
        request.sign(RequestSigner(key: old))
        #expect(try await request.code(rotated) == "signature_invalid")
        #expect(try await signed().code(rotated) == "signature_invalid", "a DID without a key")
    }

    @Test("every current key of a DID signs; a retired one is told that it is")
    func severalKeys() async throws {
        let old = Ed25519PrivateKey()
        let (first, second, stranger) = (Ed25519PrivateKey(), Ed25519PrivateKey(), Ed25519PrivateKey())
        let did = DID(publicKey: old.publicKey)
        let keys = SigningKeys(current: [first.publicKey, second.publicKey], retired: [old.publicKey])
        let rotated = SignaturePolicy(origins: policy.origins, keysForDID: { _ in keys })
        var request = SignedRequest()
        for key in [first, second] {
            request.sign(RequestSigner(key: key, did: did))
            guard case .ed25519(let signer) = try await request.verify(rotated).via else {
                Issue.record("not signed with a key of the DID")
                return
            }
            #expect(signer == key.publicKey)
        }
        for (key, word) in [(old, "rotated out"), (stranger, "does not verify")] {
            request.sign(RequestSigner(key: key, did: did))
            let problem = await #expect(throws: Problem.self) { try await request.verify(rotated) }
            #expect(problem?.code == .signatureInvalid && problem?.detail?.contains(word) == true)
        }
    }

    @Test("keys that may be out of date answer for a signature by none of them, and for no other")
    func doubtfulKeys() async throws {
        let (current, old, stranger) = (Ed25519PrivateKey(), Ed25519PrivateKey(), Ed25519PrivateKey())
        let did = DID(publicKey: old.publicKey)
        let keys = SigningKeys(
            current: [current.publicKey], retired: [old.publicKey], otherwise: Problem(.databaseUnavailable))
        let doubtful = SignaturePolicy(origins: policy.origins, keysForDID: { _ in keys })
        var request = SignedRequest()
        let cases = [
            (current, "accepted"), (old, "signature_invalid"), (stranger, "database_unavailable"),
        ]
        for (key, code) in cases {
            request.sign(RequestSigner(key: key, did: did))
            #expect(try await request.code(doubtful) == code)
        }
    }

    @Test("a session key ends with the key that asked for it, and with no other key of the DID")
    func sessionOfRetiredKey() async throws {
        let (old, new) = (Ed25519PrivateKey(), Ed25519PrivateKey())
        let did = DID(publicKey: old.publicKey)
        let current = Mutex([old.publicKey, new.publicKey])
        let rotating = SignaturePolicy(
            origins: policy.origins, keysForDID: { _ in SigningKeys(current: current.withLock { $0 }) },
            isCurrent: { signer in current.withLock { $0.contains(signer.key) } }, sessions: sessions)
        var signers: [RequestSigner] = []
        for (index, key) in [old, new].enumerated() {
            var request = SignedRequest()
            request.nonce = "session \(index)"
            request.sign(RequestSigner(key: key, did: did))
            let caller = try await request.verify(rotating)
            let session = try await sessions.issue(for: caller, nowMilliseconds: 1_774_958_400_000)
            #expect(session.signer == SessionSigner(did: did, key: key.publicKey))
            #expect(session.signer.isOwn == (index == 0))
            signers.append(RequestSigner(sessionKeyID: session.keyID, secret: session.secret))
        }
        func codes() async throws -> [String] {
            var codes: [String] = []
            for signer in signers {
                var request = SignedRequest()
                request.sign(signer)
                codes.append(try await request.code(rotating))
            }
            return codes
        }
        #expect(try await codes() == ["accepted", "accepted"])
        current.withLock { $0 = [new.publicKey] }
        #expect(try await codes() == ["signature_invalid", "accepted"])
        current.withLock { $0 = [old.publicKey, new.publicKey] }
        sessions.evict(did, keeping: [new.publicKey])
        #expect(try await codes() == ["signature_invalid", "accepted"], "evicted where it was not kept")
    }

    @Test("a session key ends after its hour and when it is revoked")
    func sessionEnds() async throws {
        let (session, signer) = try await session()
        var request = SignedRequest()
        request.created = 1_774_958_400 + 3599
        request.sign(signer)
        #expect(try await request.code(policy, now: request.created) == "accepted")
        request.created += 1
        request.sign(signer)
        #expect(try await request.code(policy, now: request.created) == "signature_expired")
        request.created = 1_774_958_400
        request.sign(signer)
        try await sessions.revoke(session.did)
        #expect(try await request.code(policy) == "signature_invalid")
    }
}
