import Cryptography
import Logging
import Service
import Testing

@Suite("Parts of a service")
struct ServicePartTests {
    @Test(
        "a quoted idempotency key equals the bare one",
        arguments: [("a", "a"), (#""a""#, "a"), (#""a\"\\b""#, #"a"\b"#), (#"a"b"#, #"a"b"#), ("~!", "~!")])
    func keys(sent: String, key: String) throws {
        #expect(try IdempotencyKey.parse(sent) == key)
    }

    @Test(
        "what is no idempotency key is refused",
        arguments: [
            "", "\"", "\"\"", "a b", "é", "\"a", #""a\"#, #""a\x""#, #""a"b""#, String(repeating: "a", count: 256),
        ])
    func noKeys(sent: String) {
        #expect(throws: Problem.self) { try IdempotencyKey.parse(sent) }
    }

    @Test("255 characters are a key, quoted as well")
    func longKey() throws {
        let key = String(repeating: "a", count: 255)
        #expect(try IdempotencyKey.parse(key) == key)
        #expect(try IdempotencyKey.parse("\"\(key)\"") == key)
    }

    @Test("a node answers to its origins and no other name")
    func origins() throws {
        let origins = try PublicOrigins(["https://Pay.example", "http://10.0.0.1:80"], allowLoopback: false)
        #expect(origins.authority(ofHost: "pay.example") == "pay.example")
        #expect(origins.authority(ofHost: "PAY.example:443") == "pay.example")
        #expect(origins.authority(ofHost: "10.0.0.1") == "10.0.0.1")
        for host in ["pay.example:80", "pay.example.", "evil.example", "", "127.0.0.1", "localhost:1", "10.0.0.1:443"] {
            #expect(origins.authority(ofHost: host) == nil, "\(host)")
        }
        let local = try PublicOrigins([], allowLoopback: true)
        for host in ["127.0.0.1:3004", "localhost:1", "[::1]:9", "127.8.9.10"] {
            #expect(local.authority(ofHost: host) == host)
        }
        #expect(local.authority(ofHost: "LOCALHOST:80") == "localhost")
        #expect(local.authority(ofHost: "[::1]:80") == "[::1]")
        for host in [
            "127.0.0.1.evil.example", "localhost.evil", "127.0.0:1", "127.0.0.256", "localhost:", "localhost:a",
        ] {
            #expect(local.authority(ofHost: host) == nil, "\(host)")
        }
        for origin in ["pay.example", "ftp://a", "https://", "https://a/b", "https://a@b"] {
            #expect(throws: ServiceSetupError.self) { try PublicOrigins([origin], allowLoopback: false) }
        }
    }

    @Test("a full nonce memory refuses and does not forget; what is too old is forgotten")
    func nonces() throws {
        let memory = NonceMemory(nonces: 3, perCaller: 2)
        func claim(_ caller: String, _ nonce: String, at now: Int64 = 1000) -> String {
            do {
                try memory.claim(caller: caller, nonce: nonce, usableUntil: now + 300, now: now)
                return "taken"
            } catch { return error.code.code }
        }
        #expect(claim("a", "1") == "taken")
        #expect(claim("a", "2") == "taken")
        #expect(claim("a", "3") == "rate_limited")
        #expect(claim("b", "1") == "taken")
        #expect(claim("c", "1") == "overloaded")
        #expect(claim("a", "1") == "signature_replayed")
        #expect(claim("a", "1", at: 1300) == "signature_replayed")
        #expect(claim("a", "3", at: 1300) == "rate_limited")
        #expect(claim("a", "1", at: 1400) == "taken")
    }

    @Test("a rate limiter lets the burst pass, then its rate, and says how long to wait")
    func rates() throws {
        let limiter = RateLimiter(perSecond: 2, burst: 3, keysMax: 2)
        func take(_ key: String, at now: Int64) -> String {
            do {
                try limiter.take(key, nowMilliseconds: now)
                return "taken"
            } catch { return "\(error.code.code) \(error.retryAfterSeconds ?? 0)" }
        }
        for _ in 0..<3 { #expect(take("a", at: 0) == "taken") }
        #expect(take("a", at: 0) == "rate_limited 1")
        #expect(take("a", at: 499) == "rate_limited 1")
        #expect(take("a", at: 500) == "taken")
        #expect(take("b", at: 500) == "taken")
        #expect(take("c", at: 500) == "overloaded 1")
        #expect(take("c", at: 5000) == "taken")
        #expect(take("a", at: 400) == "taken", "a clock that goes back gives nothing and takes nothing")
    }

    @Test("session keys are found where they are kept, and revoked there")
    func persistence() async throws {
        let kept = KeptKeys()
        let first = SessionKeyStore(persistence: kept.persistence)
        let key = Ed25519PrivateKey()
        let policy = SignaturePolicy(origins: try PublicOrigins(["http://pay.example"], allowLoopback: false))
        var request = SignedRequest()
        request.sign(RequestSigner(key: key))
        let caller = try await request.verify(policy)
        let session = try await first.issue(for: caller, nowMilliseconds: 1_774_958_400_000)
        let second = SignaturePolicy(
            origins: policy.origins, sessions: SessionKeyStore(persistence: kept.persistence))
        request.sign(RequestSigner(sessionKeyID: session.keyID, secret: session.secret))
        #expect(try await request.verify(second).did == caller.did)
        try await first.revoke(caller.did)
        #expect(try await request.code(second) == "accepted", "until the other process is told")
        second.sessions?.evict(caller.did)
        #expect(try await request.code(second) == "signature_invalid")
    }

    @Test("a store without persistence that is full refuses, until keys end")
    func fullStore() async throws {
        let store = SessionKeyStore(keysMax: 2)
        var request = SignedRequest()
        request.sign(RequestSigner(key: Ed25519PrivateKey()))
        let caller = try await request.verify(
            SignaturePolicy(origins: try PublicOrigins(["http://pay.example"], allowLoopback: false)))
        for _ in 0..<2 { _ = try await store.issue(for: caller, nowMilliseconds: 0) }
        await #expect(throws: Problem.self) { try await store.issue(for: caller, nowMilliseconds: 3_599_999) }
        _ = try await store.issue(for: caller, nowMilliseconds: 3_600_000)
    }

    @Test("a log line is one JSON object, whatever is in it, and is cut when it is too long")
    func logLines() throws {
        let lines = LogLines()
        var logger = lines.logger(.info)
        logger[metadataKey: "trace_id"] = "abc"
        logger.info("a \"b\"\n\u{1}", metadata: ["n": .stringConvertible(5), "level": "x", "list": ["a", ["k": "v"]]])
        logger.debug("not this one")
        logger.error("\(String(repeating: "x", count: 20_000))")
        #expect(lines.all.count == 2)
        for line in lines.all {
            #expect(line.hasSuffix("\n"))
            #expect(line.utf8.count <= JSONLogHandler.lineBytesMax)
            let root = try JSONDocument(parsing: Array(line.utf8.dropLast())).root
            #expect(root["time"]?.string == "1970-01-01T00:00:00.000Z")
        }
        let root = try JSONDocument(parsing: Array(lines.all[0].utf8.dropLast())).root
        #expect(root["message"]?.string == "a \"b\"\n\u{1}")
        #expect(root["trace_id"]?.string == "abc")
        #expect(root["n"]?.int64 == 5)
        #expect(root["level"]?.string == "info")
        #expect(root["level_"]?.string == "x")
    }

    @Test("labels beyond the limit share one set")
    func labelLimit() {
        let registry = MetricsRegistry()
        for number in 0..<(MetricsRegistry.labelSetsMax + 100) {
            registry.counter("c", "C.", labels: [("n", "\(number)\"\n")]).increment()
        }
        let text = registry.render()
        #expect(text.contains("c{n=\"other\"} 100\n"))
        #expect(text.contains(#"c{n="5\"\n"} 1"# + "\n"))
    }

    @Test("dates are those of the calendar")
    func dates() {
        var field = DateField()
        #expect(field.value(at: 784_111_777_000) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(field.value(at: 951_782_400_000) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(Timestamp.text(ofMilliseconds: 1_774_958_400_007) == "2026-03-31T12:00:00.007Z")
        #expect(Timestamp.text(ofMilliseconds: -1) == "1969-12-31T23:59:59.999Z")
    }

    @Test("ports follow the offset")
    func ports() {
        #expect(ServicePorts.port(of: "pay") == 3004)
        #expect(ServicePorts.port(of: "market", offset: 1000) == 4104)
        #expect(ServicePorts.port(of: "pay", offset: 70_000) == nil)
        #expect(ServicePorts.port(of: "pay", offset: .max) == nil)
        #expect(ServicePorts.port(of: "nothing") == nil)
        #expect(ServicePorts.services.count == 15)
    }
}
