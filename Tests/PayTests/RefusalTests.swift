import Cryptography
import Kernel
import LedgerDouble
import Service
import Settlement
import Testing

/// Every row of the contract's table that a settlement from a balance can come to.
@Suite("Refusals")
struct RefusalTests {
    private func code(
        _ pay: PayFixture, _ body: String, by person: Person = .trusted, key: String? = nil
    ) async throws -> String {
        let key = key ?? "k-\(SHA256.hash(Array(body.utf8)).prefix(6))".filter { !" [],".contains($0) }
        let response = try await pay.send(.post, "/api/settle", body, key: key, by: person)
        #expect(response.headers["content-type"] == "application/problem+json")
        for member in ["type", "title", "status", "detail", "code", "trace_id"] {
            #expect(response.json[member] != nil, "\(member) is missing")
        }
        #expect(response.json["status"]?.int64 == Int64(response.status))
        return "\(response.status) \(response.code ?? "-")"
    }

    @Test("400: malformed JSON, no key, amounts that are none, fields that do not fit")
    func badRequests() async throws {
        let pay = try await PayFixture.start()
        let body = try SettleBody()
        #expect(try await code(pay, #"{"a":1,"a":2}"#) == "400 malformed_json")
        #expect(try await code(pay, "{") == "400 malformed_json")
        let missing = try await pay.send(.post, "/api/settle", body.json, by: .trusted)
        #expect(missing.status == 400)
        #expect(missing.code == "idempotency_key_missing")
        for amount in [
            "0", "-1", "1.5", "\"100\"", "null", "9000000000000001", "1e300", "99999999999999999999999", "true",
            "0.1e0", "[1]",
        ] {
            #expect(try await code(pay, body.with { $0.amount = amount }.json) == "400 amount_invalid", "\(amount)")
        }
        let wrong: [(inout SettleBody) -> Void] = [
            { $0.from = "nobody" }, { $0.from = "" }, { $0.service = "" }, { $0.service = #"a\u0000b"# },
            { $0.type = "with space" }, { $0.type = String(repeating: "x", count: 65) },
            { $0.funding = #"{"source":"pocket"}"# }, { $0.funding = #"{"source":"rail"}"# },
            { $0.funding = #"{"source":"rail","rail":"stripe","reference":"a\u0000b"}"# }, { $0.funding = "7" },
            { $0.metadata = "[]" }, { $0.metadata = #"{"a":"\#(String(repeating: "x", count: 17_000))"}"# },
            { $0.manifest = nil }, { $0.manifestCID = "bafkrei" },
        ]
        for change in wrong {
            let changed = body.with(change)
            #expect(try await code(pay, changed.json) == "400 field_invalid", "\(changed.json.prefix(300))")
        }
        #expect(try await code(pay, "[]") == "400 field_invalid")
        #expect(pay.ledger.submitted.isEmpty, "nothing of this reaches the book")
    }

    @Test("401: unsigned and wrongly signed requests")
    func unsigned() async throws {
        let pay = try await PayFixture.start()
        let body = try SettleBody().json
        let missing = try await pay.send(.post, "/api/settle", body, key: "k", by: nil)
        #expect(missing.status == 401)
        #expect(missing.code == "signature_missing")
        var tampered = pay.request(.post, "/api/settle", body, key: "k", by: .trusted)
        let last = try #require(tampered.lastIndex(of: UInt8(ascii: "}")))
        tampered[last] = UInt8(ascii: " ")
        let invalid = try await pay.sendAll([tampered])[0]
        #expect(invalid.status == 401)
        #expect(invalid.code == "signature_invalid")
        let request = pay.request(.post, "/api/settle", body, key: "k", by: .trusted)
        pay.advance(ms: 301_000)
        let expired = try await pay.sendAll([request])[0]
        #expect(expired.code == "signature_expired")
    }

    @Test("402: a balance that does not cover the gross, also when the payer is a payee")
    func funds() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 9_999)
        #expect(try await code(pay, try SettleBody().json) == "402 insufficient_funds")
        let own = Manifests.text([(Person.payer.did.string, "artist", "1")])
        let body = SettleBody(try Manifests.signed(own, by: .payer))
        #expect(try await code(pay, body.json) == "402 insufficient_funds")
        #expect(try await code(pay, body.with { $0.currency = "EUR" }.json) == "402 insufficient_funds")
    }

    @Test("403: callers without a grant, above their largest amount, or revoked")
    func callers() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 50_000)
        let body = try SettleBody()
        #expect(try await code(pay, body.json, by: .stranger) == "403 caller_not_allowed")
        #expect(try await code(pay, body.json, by: .reader) == "403 caller_not_allowed")
        #expect(try await code(pay, body.json, by: .otherPayer) == "403 caller_not_allowed")
        #expect(
            try await code(pay, body.with { $0.amount = "101" }.json, by: .smallService) == "403 caller_not_allowed")
        let small = try await pay.send(
            .post, "/api/settle", body.with { $0.amount = "100" }.json, key: "small", by: .smallService)
        #expect(small.status == 201)
        pay.callers.revoke(.trusted)
        #expect(try await code(pay, body.json) == "403 caller_not_allowed")
    }

    @Test("a service that may spend one payer's balance may spend no other's")
    func fromOnePayer() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        try await pay.fund(Person.otherPayer.did, 10_000)
        pay.callers.allow(.service, [.settle], .payer(Person.payer.did))
        let body = try SettleBody()
        let own = try await pay.send(.post, "/api/settle", body.json, key: "k1", by: .service)
        #expect(own.status == 201)
        let other = body.with { $0.from = Person.otherPayer.did.string }
        #expect(try await code(pay, other.json, by: .service) == "403 payer_consent_missing")
    }

    @Test("409: the first request with this key is still under way at another process")
    func inFlight() async throws {
        let pay = try await PayFixture.start()
        pay.ledger.failNext(.inFlight)
        #expect(try await code(pay, try SettleBody().json) == "409 idempotency_in_flight")
    }

    @Test("422: what follows the manifest: currency, payees, payment, a frozen payer")
    func afterManifest() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 50_000)
        let body = try SettleBody()
        for currency in ["XXX", "usd", "", "US$", "ZZZZZZZZZZZZ"] {
            #expect(try await code(pay, body.with { $0.currency = currency }.json) == "422 currency_unknown")
        }
        for payee in ["mjn:protocol", "did:web:example.com"] {
            let text = Manifests.text([(Person.artist.did.string, "artist", "0.5"), (payee, "other", "0.5")])
            let unpayable = SettleBody(try Manifests.signed(text))
            #expect(try await code(pay, unpayable.json) == "422 contributor_not_payable")
        }
        let rail = body.with { $0.funding = #"{"source":"rail","rail":"stripe","reference":"pay_1"}"# }
        #expect(try await code(pay, rail.json) == "422 payment_unknown")
        let freeze = Commands.restrict("freeze", Person.payer.did, .freeze)
        _ = try await pay.ledger.submit([freeze], atomically: false)
        #expect(try await code(pay, body.with { $0.amount = "1" }.json) == "422 account_frozen")
    }

    @Test("422: an amount that would not fit the payee's counters")
    func overflow() async throws {
        let pay = try await PayFixture.start()
        let text = Manifests.text([(Person.artist.did.string, "artist", "1")])
        let body = SettleBody(try Manifests.signed(text)).with { $0.amount = "9000000000000000" }
        try await pay.fund(Person.artist.did, .max - 1)
        // Credit has another source: the one of cash is full.
        try await pay.fund(Person.payer.did, 9_000_000_000_000_000, asCredit: true)
        #expect(try await code(pay, body.json) == "422 amount_overflow")
    }

    @Test("503 with Retry-After: a full queue, a database that is away; a later try with the same key settles")
    func unavailable() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let body = try SettleBody().json
        for failure in [LedgerFailure.overloaded, .databaseUnavailable("gone"), .stopping] {
            pay.ledger.failNext(failure)
            let response = try await pay.send(.post, "/api/settle", body, key: "k", by: .trusted)
            #expect(response.status == 503)
            #expect(response.code == failure.code)
            #expect(response.headers["retry-after"] != nil)
            #expect(!response.text.contains("gone"))
        }
        let settled = try await pay.send(.post, "/api/settle", body, key: "k", by: .trusted)
        #expect(settled.status == 201)
        #expect(!settled.isReplayed)
    }

    @Test("429: payers without a grant are bounded where the node bounds them; allowed services are not")
    func limited() async throws {
        var settings = PayFixture.Settings()
        settings.strangersLimiter = RateLimiter(perSecond: 0.001, burst: 2)
        let pay = try await PayFixture.start(settings)
        try await pay.fund(Person.payer.did, 100_000)
        let body = try SettleBody().with { $0.amount = "1" }.json
        for key in ["a", "b"] {
            #expect(try await pay.send(.post, "/api/settle", body, key: key, by: .payer).status == 201)
        }
        #expect(try await code(pay, body, by: .payer, key: "c") == "429 rate_limited")
        for key in ["a", "b", "c", "d"] {
            #expect(try await pay.send(.post, "/api/settle", body, key: key, by: .trusted).status == 201)
        }
    }
}
