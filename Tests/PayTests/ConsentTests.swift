import Cryptography
import Kernel
import Service
import Testing

@Suite("The payer's consent")
struct ConsentTests {
    private func settle(_ pay: PayFixture, _ body: SettleBody, key: String) async throws -> Response {
        try await pay.send(.post, "/api/settle", body.json, key: key, by: .service)
    }

    private func claims() throws -> AuthorizationClaims {
        AuthorizationClaims(manifestCID: try Manifests.cid(Manifests.signed(Manifests.standard())).string)
    }

    @Test("without the payer's word a service is refused, and the key is free")
    func missing() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let body = try SettleBody()
        let refused = try await settle(pay, body, key: "k")
        #expect(refused.status == 403)
        #expect(refused.code == "payer_consent_missing")
        let token = try claims().token()
        let settled = try await settle(pay, body.with { $0.authorization = token }, key: "k")
        #expect(settled.status == 201)
    }

    @Test("an authorization counts for its payer, audience, amount, currency, manifest and time, and nothing else")
    func forms() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 100_000)
        try await pay.fund(Person.payer.did, 100_000, "EUR")
        let other = CID(codec: .raw, hashing: Array("other".utf8)).string
        let good = try claims()
        let wrong: [(String, AuthorizationClaims, Person)] = [
            ("another payer's claim", good.with { $0.payer = Person.otherPayer.did.string }, .otherPayer),
            ("another payer's signature", good, .otherPayer),
            ("the service's own signature", good, .service),
            ("another audience", good.with { $0.audience = Person.trusted.did.string }, .payer),
            ("too small", good.with { $0.maxAmount = "9999" }, .payer),
            ("no integer", good.with { $0.maxAmount = "1e400" }, .payer),
            ("another currency", good.with { $0.currency = "EUR" }, .payer),
            ("another manifest", good.with { $0.manifestCID = other }, .payer),
            ("over", good.with { $0.notAfter = #""2026-03-31T11:59:59Z""# }, .payer),
            ("over, in seconds", good.with { $0.notAfter = "1774958399" }, .payer),
            ("over, in milliseconds", good.with { $0.notAfter = "1774958399999" }, .payer),
            ("no time", good.with { $0.notAfter = #""tomorrow""# }, .payer),
            ("a NUL in the nonce", good.with { $0.nonce = #"a\u0000"# }, .payer),
            ("no nonce", good.with { $0.nonce = "" }, .payer),
        ]
        for (index, (what, claims, person)) in wrong.enumerated() {
            let body = try SettleBody().with { $0.authorization = claims.token(by: person) }
            let response = try await settle(pay, body, key: "k\(index)")
            #expect(response.code == "payer_consent_missing", "\(what): \(response.text)")
        }
        for token in ["", "a.b.c", "not a token", good.token() + "A", String(good.token().dropLast(3))] {
            let response = try await settle(
                pay, try SettleBody().with { $0.authorization = token }, key: "t\(token.utf8.count)")
            #expect(response.code == "payer_consent_missing", "\(token)")
        }
        let fine = try await settle(pay, try SettleBody().with { $0.authorization = good.token() }, key: "good")
        #expect(fine.status == 201)
    }

    @Test("an authorization is spent once; the same request again gets its answer, also after its time")
    func once() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 100_000)
        let token = try claims().token()
        let body = try SettleBody().with { $0.authorization = token }
        let first = try await settle(pay, body, key: "k1")
        let second = try await settle(pay, body, key: "k2")
        #expect(first.status == 201)
        #expect(second.code == "payer_consent_missing")
        pay.advance(ms: 2 * 3_600_000)
        let replayed = try await settle(pay, body, key: "k1")
        #expect(replayed.body == first.body)
        #expect(replayed.isReplayed)
    }

    @Test("what was settled is answered as it was, also when the payer's key is retired by then")
    func retiredSince() async throws {
        let keys = RetirableKeys()
        var settings = PayFixture.Settings()
        settings.keys = keys
        let pay = try await PayFixture.start(settings)
        try await pay.fund(Person.payer.did, 100_000)
        let token = try claims().token()
        let body = try SettleBody().with { $0.authorization = token }
        let first = try await settle(pay, body, key: "k1")
        #expect(first.status == 201)
        keys.retire(Person.payer.did)
        let second = try await settle(pay, body, key: "k1")
        #expect(second.body == first.body)
        #expect(second.isReplayed)
        let other = try await settle(pay, body, key: "k2")
        #expect(other.code == "payer_consent_missing")
    }

    @Test("an allowance bounds each settlement and the day, and ends")
    func allowance() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 100_000)
        let target = "/api/allowances/\(Person.service.did)"
        let terms = #"{"max_amount":600,"per_day":1000,"currency":"USD","not_after":"2026-04-02T12:00:00Z"}"#
        let put = try await pay.send(.put, target, terms, by: .payer)
        #expect(put.status == 200)
        #expect(put.json["max_amount"]?.int64 == 600)
        #expect(put.json["not_after"]?.string == "2026-04-02T12:00:00.000Z")
        let body = try SettleBody()
        func code(_ amount: String, _ key: String) async throws -> String {
            let response = try await settle(pay, body.with { $0.amount = amount }, key: key)
            return "\(response.status) \(response.code ?? "-")"
        }
        #expect(try await code("601", "1") == "403 payer_consent_missing")
        #expect(try await code("600", "2") == "201 -")
        #expect(try await code("401", "3") == "403 payer_consent_missing")
        #expect(try await code("400", "4") == "201 -")
        let listed = try await pay.send(.get, target, by: .payer)
        #expect(listed.json["data"]?.elements.map { $0["spent_today"]?.int64 } == [1000])
        let foreign = try await pay.send(.get, target, by: .otherPayer)
        #expect(foreign.json["data"]?.count == 0)
        pay.advance(ms: 86_400_000)
        #expect(try await code("600", "5") == "201 -")
        pay.advance(ms: 86_400_000 + 1)
        #expect(try await code("1", "6") == "403 payer_consent_missing")
    }

    @Test("allowances that say nothing sensible are refused")
    func badAllowances() async throws {
        let pay = try await PayFixture.start()
        let target = "/api/allowances/\(Person.service.did)"
        let good = #"{"max_amount":600,"per_day":1000,"currency":"USD","not_after":"2026-04-02T12:00:00Z"}"#
        for (from, to, code) in [
            ("600", "-1", "amount_invalid"), ("1000", "1.5", "amount_invalid"), ("USD", "QQQ", "currency_unknown"),
            ("2026-04-02T12:00:00Z", "2026-02-30T12:00:00Z", "field_invalid"),
            ("\"2026-04-02T12:00:00Z\"", "-1", "field_invalid"),
            ("\"2026-04-02T12:00:00Z\"", "9223372036854775807", "field_invalid"),
        ] {
            let response = try await pay.send(.put, target, good.replacing(from, with: to), by: .payer)
            #expect(response.code == code, "\(to)")
        }
        let nobody = try await pay.send(.put, "/api/allowances/nobody", good, by: .payer)
        #expect(nobody.code == "query_invalid")
    }
}
