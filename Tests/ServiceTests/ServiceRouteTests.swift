import Cryptography
import Foundation
import Logging
import Service
import Synchronization
import Testing

@Suite("What every service answers")
struct ServiceRouteTests {
    @Test("health is alive, ready runs the checks, and says what fails without details")
    func status() async throws {
        let isDown = Mutex(false)
        struct Secret: Error { let password = "1234" }
        let checks = [
            ReadinessCheck("database") {
                if isDown.withLock({ $0 }) { throw Problem(.databaseUnavailable, "cannot connect") }
            },
            ReadinessCheck("keys") { if isDown.withLock({ $0 }) { throw Secret() } },
        ]
        try await withService([], configure: { $0.checks = checks }) { port, _ in
            let health = try await exchange("GET", "/api/health", port: port)
            #expect(health.json["status"] as? String == "ok")
            let ready = try await exchange("GET", "/api/ready", port: port)
            #expect(ready.status == 200)
            #expect(ready.json["ready"] as? Bool == true)
            isDown.withLock { $0 = true }
            let down = try await exchange("GET", "/api/ready", port: port)
            #expect(down.status == 503)
            #expect(down.code == "not_ready")
            #expect(down.json["detail"] as? String == "database: cannot connect; keys: failed")
            #expect((down.json["checks"] as? [[String: Any]])?.count == 2)
            #expect(down.headers["retry-after"] != nil)
        }
    }

    @Test("a check that the service can serve without is shown, and leaves it ready")
    func optionalCheck() async throws {
        let checks = [
            ReadinessCheck("database") {},
            ReadinessCheck("mirror", isEssential: false) { throw Problem(.notReady, "75 s old") },
        ]
        try await withService([], configure: { $0.checks = checks }) { port, _ in
            let reply = try await exchange("GET", "/api/ready", port: port)
            #expect(reply.status == 200 && reply.json["ready"] as? Bool == true)
            let shown = try #require((reply.json["checks"] as? [[String: Any]])?.last)
            #expect(shown["ok"] as? Bool == false && shown["reason"] as? String == "75 s old")
        }
    }

    @Test("a readiness check that hangs has failed")
    func hangingCheck() async throws {
        let gate = Gate()
        let check = ReadinessCheck("slow") { await gate.wait() }
        try await withService(
            [],
            configure: { configuration in
                configuration.checks = [check]
                configuration.timeouts.readinessMilliseconds = 20
            }
        ) { port, _ in
            let reply = try await exchange("GET", "/api/ready", port: port)
            #expect(reply.json["detail"] as? String == "slow: no answer in time")
        }
        gate.open()
    }

    @Test("metrics count requests by route template and status")
    func metrics() async throws {
        let item = Route(.get, "/items/{id}", id: "item", summary: "One.", responses: anyReply) { _ in .json(200, []) }
        try await withService([item]) { port, _ in
            for id in 0..<3 { _ = try await exchange("GET", "/items/\(id)", port: port) }
            _ = try await exchange("GET", "/nowhere", port: port)
            let page = try await exchange("GET", "/metrics", port: port)
            #expect(page.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            let text = String(decoding: page.body, as: UTF8.self)
            let labels = #"service="test",method="GET",route="/items/{id}""#
            #expect(text.contains("mjn_http_requests_total{\(labels),status=\"200\"} 3\n"))
            #expect(text.contains(#"route="none",status="404"} 1"# + "\n"))
            #expect(text.contains("mjn_http_request_duration_seconds_count{\(labels)} 3\n"))
            #expect(text.contains("mjn_http_request_duration_seconds_bucket{\(labels),le=\"+Inf\"} 3\n"))
            #expect(text.contains("mjn_http_requests_in_flight{service=\"test\"} 1\n"), "the page's own")
            #expect(text.contains("# TYPE mjn_http_connections gauge\n"))
        }
    }

    @Test("a session key is given for a DID's own signature, signs requests, and gets no other")
    func sessionKeys() async throws {
        let clock = TestClock()
        let store = SessionKeyStore()
        let whoami = Route(
            .post, "/who", id: "who", summary: "Who.", auth: .signed(), idempotency: .required, responses: anyReply
        ) { call in .text(200, try call.requireCaller().did.string + " " + (call.idempotencyKey ?? "")) }
        try await withService(
            [whoami, store.route],
            configure: { configuration in
                configuration.clock = { clock.milliseconds }
                configuration.signatures = SignaturePolicy(
                    origins: try PublicOrigins([], allowLoopback: true), sessions: store)
            }
        ) { port, _ in
            let key = Ed25519PrivateKey()
            func send(_ signer: RequestSigner, _ target: String, key: String?) async throws -> RawConnection.Response {
                let headers = signer.headers(
                    method: .post, authority: "127.0.0.1:\(port)", target: target, body: [], idempotencyKey: key,
                    created: clock.seconds, nonce: "\(UInt64.random(in: 0...(.max)))")
                return try await exchange("POST", target, port: port, headers: headers, body: [])
            }
            let own = RequestSigner(key: key)
            let reply = try await send(own, "/api/session-keys", key: nil)
            #expect(reply.status == 201)
            #expect(reply.headers["cache-control"] == "no-store")
            #expect(reply.json["expires_at"] as? String == "2026-03-31T13:00:00.000Z")
            let keyID = try #require(reply.json["key_id"] as? String)
            let secret = try #require(Base64URL.decode(reply.json["secret"] as? String ?? ""))
            #expect(secret.count == 32)
            let session = RequestSigner(sessionKeyID: keyID, secret: secret)
            let who = try await send(session, "/who", key: #""a\"b""#)
            #expect(String(decoding: who.body, as: UTF8.self) == DID(publicKey: key.publicKey).string + " a\"b")
            #expect(try await send(session, "/api/session-keys", key: nil).code == "caller_not_allowed")
            #expect(try await send(own, "/who", key: nil).code == "idempotency_key_missing")
            #expect(try await send(own, "/who", key: "a b").code == "idempotency_key_invalid")
            let unsigned = try await exchange("POST", "/who", port: port, body: [])
            #expect(unsigned.code == "signature_missing")
            #expect(unsigned.headers["www-authenticate"] != nil)
            clock.advance(seconds: 3600)
            #expect(try await send(session, "/who", key: "k").code == "signature_expired")
        }
    }

    @Test("pages carry a cursor that only this service reads")
    func pages() async throws {
        let list = Route(
            .get, "/list", id: "list", summary: "All.", parameters: Parameter.page,
            responses: [.json(200, "A page.", .page(of: .integer))]
        ) { call in
            let page = try call.page(defaultLimit: 2, max: 3)
            let start = Int(page.cursor?.first ?? 0)
            let items = (start..<min(5, start + page.limit)).map { Array("\($0)".utf8) }
            return .page(items, next: start + page.limit < 5 ? [UInt8(start + page.limit)] : nil)
        }
        try await withService([list]) { port, _ in
            var seen: [Int] = []
            var target = "/list"
            while true {
                let reply = try await exchange("GET", target, port: port).json
                seen += reply["data"] as? [Int] ?? []
                guard let cursor = reply["next_cursor"] as? String else { break }
                target = "/list?limit=3&cursor=" + cursor
            }
            #expect(seen == [0, 1, 2, 3, 4])
            for limit in ["0", "4", "-1", "+1", "x", "", "99999999999999999999"] {
                #expect(try await exchange("GET", "/list?limit=" + limit, port: port).code == "limit_invalid")
            }
            for cursor in ["", "!", "A", "AA==", String(repeating: "A", count: 2000)] {
                #expect(try await exchange("GET", "/list?cursor=" + cursor, port: port).code == "cursor_invalid")
            }
        }
    }
}
