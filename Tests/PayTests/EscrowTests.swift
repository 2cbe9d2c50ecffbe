import Cryptography
import Kernel
import Service
import Testing

@Suite("Escrow")
struct EscrowTests {
    private func body(_ amount: String = "1000", extra: String = "") -> String {
        """
        {"from_did":"\(Person.payer.did)","to_did":"\(Person.artist.did)","arbiter_did":"\(Person.platform.did)",\
        "amount":\(amount),"currency":"USD"\(extra)}
        """
    }

    private func open(_ pay: PayFixture, key: String = "e", extra: String = "") async throws -> String {
        let response = try await pay.send(.post, "/api/escrow", body(extra: extra), key: key, by: .payer)
        #expect(response.status == 201, "\(response.text)")
        return try #require(response.json["id"]?.string)
    }

    private func answer(_ response: Response) -> String { "\(response.status) \(response.code ?? "-")" }

    @Test("money is captured at once; payer or arbiter release it, payee or arbiter give it back")
    func parties() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 800)
        try await pay.fund(Person.payer.did, 400, asCredit: true)
        let id = try await open(pay)
        #expect(pay.cash(.payer, "USD") == 200)
        #expect(pay.balance(.escrow(Person.payer.did.string, "USD")) == 1000)
        func act(_ verb: String, _ amount: Int, _ person: Person, key: String) async throws -> String {
            answer(
                try await pay.send(
                    .post, "/api/escrow/\(id)/\(verb)", #"{"amount":\#(amount)}"#, key: key, by: person))
        }
        #expect(try await act("release", 1, .artist, key: "1") == "403 caller_not_allowed")
        #expect(try await act("refund", 1, .payer, key: "2") == "403 caller_not_allowed")
        #expect(try await act("release", 1, .stranger, key: "3") == "404 not_found")
        #expect(try await act("refund", 1, .service, key: "4") == "404 not_found")
        #expect(try await act("release", 1, .reader, key: "5") == "403 caller_not_allowed")
        #expect(try await act("release", 1001, .payer, key: "6") == "422 escrow_exceeded")
        #expect(try await act("release", 0, .payer, key: "7") == "400 amount_invalid")
        #expect(try await act("release", 300, .payer, key: "8") == "200 -")
        #expect(try await act("release", 300, .payer, key: "8") == "200 -")
        #expect(try await act("release", 100, .platform, key: "9") == "200 -")
        #expect(try await act("refund", 100, .artist, key: "10") == "200 -")
        #expect(pay.cash(.artist, "USD") == 400)
        #expect(pay.balance(.escrow(Person.payer.did.string, "USD")) == 500)
        let rest = try await pay.send(.post, "/api/escrow/\(id)/refund", "{}", key: "11", by: .platform)
        #expect(rest.json["status"]?.string == "refunded")
        #expect(rest.json["remaining"]?.int64 == 0)
        // 600 came back; the 600 of cash first, so that no credit became cash.
        #expect(pay.cash(.payer, "USD") == 800)
        #expect(pay.balance(.credit(Person.payer.did.string, "USD")) == 0)
        #expect(try await act("release", 1, .payer, key: "12") == "409 state_conflict")
        let life = try await pay.send(.get, "/api/escrow/\(id)", by: .artist)
        #expect(life.json["events"]?.count == 5)
    }

    @Test("each party finds its escrows by its part in them, and nobody else's")
    func lists() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 3000)
        var ids: [String] = []
        for key in ["a", "b", "c"] { ids.append(try await open(pay, key: key)) }
        // Made in one millisecond, they are in no order but that of their identifiers.
        ids.sort(by: >)
        func list(_ query: String, by person: Person) async throws -> [String] {
            let reply = try await pay.send(.get, "/api/escrow\(query)", by: person)
            #expect(reply.status == 200, "\(reply.text)")
            return reply.json["data"]?.elements.compactMap { $0["id"]?.string } ?? []
        }
        #expect(try await list("?from_did=\(Person.payer.did)", by: .payer) == ids)
        #expect(try await list("?to_did=\(Person.artist.did)", by: .artist) == ids)
        #expect(try await list("?arbiter_did=\(Person.platform.did)", by: .platform) == ids)
        #expect(try await list("?to_did=\(Person.artist.did)&limit=2", by: .artist) == Array(ids.prefix(2)))
        #expect(try await list("?to_did=\(Person.artist.did)&status=released", by: .artist).isEmpty)
        let both = "?to_did=\(Person.artist.did)&arbiter_did=\(Person.platform.did)"
        #expect(try await list(both, by: .platform) == ids)
        // What the caller has no part in, and has not made, it does not see.
        #expect(try await list("?to_did=\(Person.artist.did)", by: .stranger).isEmpty)
        #expect(try await list("?from_did=\(Person.payer.did)", by: .artist).isEmpty)
        #expect(try await list("?to_did=\(Person.artist.did)", by: .reader) == ids)
        #expect(try await list("", by: .artist).isEmpty)
    }

    @Test("what is left is released by itself when its time has come, not before")
    func releaseAfter() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 1000)
        let id = try await open(pay, extra: #","release_after":"2026-04-01T12:00:00Z","memo":"a poster""#)
        pay.advance(ms: 86_399_999)
        try await pay.pass()
        #expect(pay.cash(.artist, "USD") == 0)
        pay.advance(ms: 1)
        try await pay.pass()
        #expect(pay.cash(.artist, "USD") == 1000)
        let state = try await pay.send(.get, "/api/escrow/\(id)", by: .payer)
        #expect(state.json["status"]?.string == "released")
        #expect(state.json["memo"]?.string == "a poster")
        // The request is a past one now, and still gets its answer.
        let again = try await pay.send(
            .post, "/api/escrow", body(extra: #","release_after":"2026-04-01T12:00:00Z","memo":"a poster""#), key: "e",
            by: .payer)
        #expect(again.status == 201)
        #expect(again.isReplayed)
    }

    @Test("bad escrows are refused by their own codes, and nothing is posted")
    func refused() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 1000)
        let postings = pay.postingsCount
        let (payer, artist) = (Person.payer.did.string, Person.artist.did.string)
        func with(_ change: (inout String) -> Void) -> String {
            var json = body()
            change(&json)
            return json
        }
        let rows: [(String, String, Person)] = [
            ("402 insufficient_funds", body("1001"), .payer), ("400 amount_invalid", body("-1"), .payer),
            ("422 currency_unknown", with { $0.replace("USD", with: "XXX") }, .payer),
            ("402 insufficient_funds", with { $0.replace("USD", with: "CAD") }, .payer),
            ("400 field_invalid", with { $0.replace(artist, with: payer) }, .payer),
            ("400 field_invalid", with { $0.replace(Person.platform.did.string, with: artist) }, .payer),
            ("422 account_not_payable", with { $0.replace(artist, with: "did:web:example.com") }, .payer),
            ("400 field_invalid", body(extra: #","release_after":"2026-03-31T12:00:00Z""#), .payer),
            ("400 field_invalid", body(extra: #","release_after":"tomorrow""#), .payer),
            ("403 payer_consent_missing", body(), .service), ("403 caller_not_allowed", body(), .artist),
        ]
        for (index, (expected, json, person)) in rows.enumerated() {
            let response = try await pay.send(.post, "/api/escrow", json, key: "k\(index)", by: person)
            #expect(answer(response) == expected, "\(json)")
        }
        #expect(pay.postingsCount == postings)
    }

    @Test("a foreign escrow does not exist; lists show what the caller made or set aside")
    func privacy() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 3000)
        let own = try await open(pay)
        let made = try await pay.send(.post, "/api/escrow", body(), key: "t", by: .trusted)
        let other = try #require(made.json["id"]?.string)
        for person in [Person.payer, .artist, .platform, .reader, .trusted] {
            #expect(try await pay.send(.get, "/api/escrow/\(other)", by: person).status == 200)
        }
        #expect(answer(try await pay.send(.get, "/api/escrow/\(own)", by: .stranger)) == "404 not_found")
        #expect(answer(try await pay.send(.get, "/api/payments/\(own)", by: .payer)) == "404 not_found")
        func list(_ query: String, _ person: Person) async throws -> Set<String> {
            let page = try await pay.send(.get, "/api/escrow\(query)", by: person).json["data"]
            return Set(page?.elements.compactMap { $0["id"]?.string } ?? [])
        }
        #expect(try await list("", .payer) == [own])
        #expect(try await list("?from_did=\(Person.payer.did)", .payer) == [own, other])
        #expect(try await list("?from_did=\(Person.payer.did)", .stranger) == [])
        #expect(try await list("?status=open", .reader) == [own, other])
        #expect(try await list("", .artist) == [])
    }
}
