import Cryptography
import Kernel
import Service
import Settlement
import Testing

@Suite("Refunds and who sees what")
struct RefundTests {
    private func settled(_ pay: PayFixture, amount: String = "10000", by person: Person = .trusted) async throws
        -> String
    {
        let body = try SettleBody().with { $0.amount = amount }
        let response = try await pay.send(.post, "/api/settle", body.json, key: "settle", by: person)
        return try #require(response.json["id"]?.string, "\(response.text)")
    }

    private func refund(
        _ pay: PayFixture, _ id: String, _ body: String, key: String, by person: Person = .trusted
    ) async throws -> Response {
        try await pay.send(.post, "/api/settlements/\(id)/refund", body, key: key, by: person)
    }

    @Test("a refund in parts takes back every line and fee exactly, and the payer has the gross again")
    func parts() async throws {
        let pay = try await PayFixture.startWithNodeFee()
        try await pay.fund(Person.payer.did, 10_000)
        let id = try await settled(pay)
        let first = try await refund(pay, id, #"{"amount":3333,"reason":"one ticket"}"#, key: "r1")
        #expect(first.status == 201)
        #expect(first.json["id"]?.string?.hasPrefix("rfd_") == true)
        #expect(first.json["settlement"]?.string == id)
        #expect(first.json["refunded_total"]?.int64 == 3333)
        #expect(first.json["lines"]?.elements.map { $0["kind"]?.string } == ["fee", "split", "split", "split"])
        #expect(first.json["receivables"]?.count == 0)
        let state = try await pay.send(.get, "/api/settlements/\(id)", by: .payer)
        #expect(state.json["status"]?.string == "partially_refunded")
        #expect(state.json["refunded_total"]?.int64 == 3333)
        let rest = try await refund(pay, id, #"{"reason":"the rest"}"#, key: "r2")
        #expect(rest.json["amount"]?.int64 == 6667)
        func lines(_ response: Response) -> [Int64] {
            response.json["lines"]?.elements.compactMap { $0["amount"]?.int64 } ?? []
        }
        let sums: [Int64] = zip(lines(first), lines(rest)).map { $0 + $1 }
        #expect(sums == [50, 5970, 2488, 1492])
        let whole = try await pay.send(.get, "/api/settlements/\(id)", by: .payer)
        #expect(whole.json["status"]?.string == "refunded")
        let balance = try await pay.send(.get, "/api/balance/\(Person.payer.did)", by: .payer)
        #expect(balance.json["balances"]?.elements.map { $0["available"]?.int64 } == [10_000])
        let more = try await refund(pay, id, #"{"amount":1,"reason":"more"}"#, key: "r3")
        #expect(more.status == 422)
        #expect(more.code == "refund_exceeds_remainder")
    }

    @Test("what a payee no longer has becomes a receivable")
    func receivable() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let id = try await settled(pay)
        let own = Manifests.text(id: "urn:test:other", [(Person.platform.did.string, "p", "1")])
        let spend = SettleBody(try Manifests.signed(own, by: .platform)).with {
            $0.from = Person.artist.did.string
            $0.amount = "6000"
        }
        let spent = try await pay.send(.post, "/api/settle", spend.json, key: "spend", by: .artist)
        #expect(spent.status == 201)
        let refunded = try await refund(pay, id, #"{"reason":"cancelled"}"#, key: "r")
        #expect(refunded.json["receivables"]?.elements.map { $0["did"]?.string } == [Person.artist.did.string])
        #expect(refunded.json["receivables"]?.elements.map { $0["amount"]?.int64 } == [6000])
        let balance = try await pay.send(.get, "/api/balance/\(Person.artist.did)", by: .artist)
        #expect(balance.json["balances"]?.elements.map { $0["receivable"]?.int64 } == [6000])
    }

    @Test("a refund is done once per key, and the key belongs to one settlement and one body")
    func idempotent() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let id = try await settled(pay)
        let body = #"{"amount":100,"reason":"x"}"#
        let first = try await refund(pay, id, body, key: "r")
        let second = try await refund(pay, id, body, key: "r")
        #expect(second.body == first.body)
        #expect(second.isReplayed)
        let other = try await refund(pay, id, #"{"amount":101,"reason":"x"}"#, key: "r")
        #expect(other.code == "idempotency_key_reused")
        let missing = try await pay.send(.post, "/api/settlements/\(id)/refund", body, by: .trusted)
        #expect(missing.code == "idempotency_key_missing")
    }

    @Test("refunds that say nothing sensible are refused")
    func malformed() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let id = try await settled(pay)
        let long = String(repeating: "x", count: 501)
        for (body, code) in [
            (#"{"amount":0,"reason":"x"}"#, "amount_invalid"), (#"{"amount":1.5,"reason":"x"}"#, "amount_invalid"),
            (#"{"amount":"1","reason":"x"}"#, "amount_invalid"), (#"{"amount":1}"#, "field_invalid"),
            (#"{"reason":"\#(long)"}"#, "field_invalid"), (#"{"reason":"a\u0000b"}"#, "field_invalid"),
            (#"{"reason":""}"#, "field_invalid"), (#"{"reason":"x""#, "malformed_json"),
        ] {
            let response = try await refund(pay, id, body, key: "r")
            #expect(response.status == 400)
            #expect(response.code == code, "\(body.prefix(60))")
        }
    }

    @Test("only its maker, or a service that may spend every balance, refunds a settlement")
    func whoRefunds() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let token = AuthorizationClaims(manifestCID: try Manifests.cid(Manifests.signed(Manifests.standard())).string)
            .token()
        let body = try SettleBody().with { $0.authorization = token }
        let made = try await pay.send(.post, "/api/settle", body.json, key: "s", by: .service)
        let id = try #require(made.json["id"]?.string)
        let reason = #"{"amount":10,"reason":"x"}"#
        func code(_ person: Person, _ key: String) async throws -> String {
            let response = try await refund(pay, id, reason, key: key, by: person)
            return "\(response.status) \(response.code ?? "-")"
        }
        #expect(try await code(.payer, "1") == "403 caller_not_allowed")
        #expect(try await code(.artist, "2") == "403 caller_not_allowed")
        #expect(try await code(.reader, "3") == "403 caller_not_allowed")
        pay.callers.allow(.stranger, [.refund], .consentOnly)
        #expect(try await code(.stranger, "4") == "404 settlement_unknown")
        pay.callers.allow(.reader, [.refund, .read], .consentOnly)
        #expect(try await code(.reader, "5") == "403 caller_not_allowed")
        #expect(try await code(.service, "6") == "201 -")
        #expect(try await code(.trusted, "7") == "201 -")
    }

    @Test("a settlement is there for its payer, its payees, its maker and readers; for others it is not")
    func privacy() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let id = try await settled(pay)
        let made = try await pay.send(.post, "/api/settle", try SettleBody().json, key: "settle", by: .trusted)
        for person in [Person.payer, .artist, .producer, .engineer, .trusted, .reader] {
            let seen = try await pay.send(.get, "/api/settlements/\(id)", by: person)
            #expect(seen.status == 200)
            for member in made.json.members where member.key != "status" {
                #expect(seen.json[member.key]?.rawBytes == member.value.rawBytes)
            }
        }
        let hidden = try await pay.send(.get, "/api/settlements/\(id)", by: .stranger)
        for absent in ["stl_01kmzzzzzzzzzzzzzzzzzzzzzz", "nothing", "%00", "STL_1"] {
            let response = try await pay.send(.get, "/api/settlements/\(absent)", by: .stranger)
            #expect(response.status == 404)
            let traces = try [hidden, response].map { try #require($0.json["trace_id"]?.string) }
            #expect(
                hidden.text.replacing(traces[0], with: "") == response.text.replacing(traces[1], with: ""),
                "absent and hidden differ")
            #expect(
                hidden.headers.filter { $0.key != "trace-id" && $0.key != "date" }
                    == response.headers.filter { $0.key != "trace-id" && $0.key != "date" })
        }
    }
}
