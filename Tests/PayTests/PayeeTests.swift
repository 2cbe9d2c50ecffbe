import Cryptography
import Kernel
import LedgerDouble
import RailDouble
import Service
import Testing

@Suite("Payees and withdrawals")
struct PayeeTests {
    private let dayMs: Int64 = 86_400_000

    private func policy(_ address: String = "acct_1", schedule: String = "weekly", extra: String = "") -> String {
        """
        {"destinations":[{"rail":"stripe","currency":"CAD","address":"\(address)"}],"default_rail":"stripe",\
        "schedule":"\(schedule)","minimum":{"CAD":2500}\(extra)}
        """
    }

    private func answer(_ response: Response) -> String { "\(response.status) \(response.code ?? "-")" }

    @Test("what a payee says is in force a day later, and what was before holds until then")
    func delay() async throws {
        let pay = try await PayFixture.start()
        let path = "/api/payees/\(Person.artist.did)"
        #expect(answer(try await pay.send(.get, path, by: .artist)) == "404 not_found")
        let first = try await pay.send(.put, path, policy(), by: .artist)
        #expect(first.status == 200, "\(first.text)")
        #expect(first.json["policy"]?.isNull == true)
        #expect(first.json["pending"]?["schedule"]?.string == "weekly")
        #expect(first.json["effective_at"]?.string == "2026-04-01T12:00:00.000Z")
        pay.advance(ms: dayMs - 1)
        try await pay.pass()
        #expect(try await pay.send(.get, path, by: .artist).json["policy"]?.isNull == true)
        pay.advance(ms: 1)
        try await pay.pass()
        let active = try await pay.send(.get, path, by: .artist)
        #expect(active.json["status"]?.string == "active")
        #expect(active.json["policy"]?["minimum"]?["CAD"]?.int64 == 2500)
        #expect(active.json["pending"]?.isNull == true)
        let changed = try await pay.send(.put, path, policy("acct_2"), by: .artist)
        #expect(changed.json["policy"]?["destinations"]?.elements.map { $0["address"]?.string } == ["acct_1"])
        #expect(changed.json["pending"]?["destinations"]?.elements.map { $0["address"]?.string } == ["acct_2"])
        #expect(try await pay.send(.get, path, by: .reader).body == changed.body)
    }

    @Test("saying the same again changes nothing, not even the time")
    func idempotent() async throws {
        let pay = try await PayFixture.start()
        let path = "/api/payees/\(Person.artist.did)"
        let first = try await pay.send(.put, path, policy(), by: .artist)
        pay.advance(ms: 1000)
        let again = try await pay.send(.put, path, policy(), by: .artist)
        #expect(again.body == first.body)
        #expect(pay.ledger.book.entries.count == 1)
        pay.advance(ms: dayMs)
        try await pay.pass()
        let entries = pay.ledger.book.entries.count
        #expect(try await pay.send(.put, path, policy(), by: .artist).status == 200)
        #expect(pay.ledger.book.entries.count == entries)
    }

    @Test("only the DID itself says where its money goes, and only it and readers see it")
    func signedByItself() async throws {
        let pay = try await PayFixture.start()
        for person in [Person.trusted, .service, .reader, .producer] {
            let response = try await pay.send(.put, "/api/payees/\(Person.artist.did)", policy(), by: person)
            #expect(answer(response) == "403 caller_not_allowed")
        }
        let soft = try await pay.send(.put, "/api/payees/did:imajin:soft:guest", policy(), by: .artist)
        #expect(answer(soft) == "403 caller_not_allowed")
        let seen = try await pay.send(.get, "/api/payees/\(Person.artist.did)", by: .producer)
        #expect(answer(seen) == "403 caller_not_allowed")
        #expect(pay.ledger.book.entries.isEmpty)
    }

    @Test("every member is checked, and the rail is asked whether it pays there")
    func malformed() async throws {
        let pay = try await PayFixture.start()
        pay.rail.rules.closed = ["acct_closed"]
        let one = #"{"rail":"stripe","currency":"CAD","address":"acct_1"}"#
        func body(_ destinations: String, _ rest: String = #""schedule":"daily""#) -> String {
            #"{"destinations":[\#(destinations)],\#(rest)}"#
        }
        let rows: [(String, String)] = [
            ("{}", "400 field_invalid"), (#"{"destinations":{},"schedule":"daily"}"#, "400 field_invalid"),
            (body(one, #""schedule":"hourly""#), "400 field_invalid"), (body(one + "," + one), "400 field_invalid"),
            (body(one, #""schedule":"daily","default_rail":"emt""#), "400 field_invalid"),
            (body(one, #""schedule":"daily","minimum":{"CAD":0}"#), "400 amount_invalid"),
            (body(one, #""schedule":"daily","minimum":{"XXX":1}"#), "422 currency_unknown"),
            (body(one, #""schedule":"daily","minimum":[]"#), "400 field_invalid"),
            (body(#"{"rail":"stripe","currency":"CAD","address":"a b"}"#), "400 field_invalid"),
            (body(#"{"rail":"stripe","currency":"CAD","address":""}"#), "400 field_invalid"),
            (body(#"{"rail":"Stripe","currency":"CAD","address":"a"}"#), "400 field_invalid"),
            (body(#"{"rail":"paypal","currency":"CAD","address":"a"}"#), "400 field_invalid"),
            (body(#"{"rail":"emt","currency":"CAD","address":"a"}"#), "503 rail_off"),
            (body(#"{"rail":"stripe","currency":"XXX","address":"a"}"#), "422 currency_unknown"),
            (body(#"{"rail":"stripe","currency":"EUR","address":"a"}"#), "422 currency_unsupported"),
            (body(#"{"rail":"stripe","currency":"CAD","address":"acct_closed"}"#), "422 destination_not_payable"),
            (body(Array(repeating: one, count: 33).joined(separator: ",")), "400 field_invalid"),
        ]
        for (json, expected) in rows {
            let response = try await pay.send(.put, "/api/payees/\(Person.artist.did)", json, by: .artist)
            #expect(answer(response) == expected, "\(json.prefix(120)): \(response.text)")
        }
        #expect(pay.ledger.book.entries.isEmpty)
        #expect(pay.rail.moneyCalls.isEmpty)
    }

    @Test("cash goes to the destination in force; the same key pays once")
    func withdraw() async throws {
        let pay = try await PayFixture.start()
        try await pay.setPayee(.artist)
        try await pay.fund(Person.artist.did, 10_000, "CAD")
        let body = #"{"did":"\#(Person.artist.did)","amount":4000,"currency":"CAD"}"#
        let first = try await pay.send(.post, "/api/balance/withdraw", body, key: "w", by: .artist)
        #expect(first.status == 201, "\(first.text)")
        let id = try #require(first.json["id"]?.string)
        #expect(first.json["status"]?.string == "held")
        #expect(first.json["destination"]?.string == "acct_1")
        let again = try await pay.send(.post, "/api/balance/withdraw", body, key: "w", by: .artist)
        #expect(again.isReplayed)
        #expect(again.body == first.body)
        pay.rail.rules.closed = ["acct_1"]
        let late = try await pay.send(.post, "/api/balance/withdraw", body, key: "w", by: .artist)
        #expect(late.body == first.body, "a known key's first answer counts, whatever the rail says now")
        #expect(pay.cash(.artist) == 6000)
        #expect(pay.rail.moneyCalls == [.carryOut("\(id)-1")])
        let life = try await pay.send(.get, "/api/payouts/\(id)", by: .artist)
        #expect(life.json["status"]?.string == "paid")
        #expect(
            life.json["events"]?.elements.map { $0["event"]?.string }
                == ["payout_opened", "payout_began", "payout_paid"])
        #expect(answer(try await pay.send(.get, "/api/payouts/\(id)", by: .producer)) == "404 not_found")
        #expect(try await pay.send(.get, "/api/payouts/\(id)", by: .reader).status == 200)
        let list = try await pay.send(.get, "/api/payouts?did=\(Person.artist.did)&status=paid", by: .reader)
        #expect(list.json["data"]?.elements.map { $0["id"]?.string } == [id])
        let foreign = try await pay.send(.get, "/api/payouts?did=\(Person.artist.did)", by: .producer)
        #expect(answer(foreign) == "403 caller_not_allowed")
    }

    @Test("a withdrawal that cannot be is refused by its own code: the rail is not called, nothing is posted")
    func refused() async throws {
        let pay = try await PayFixture.start()
        func withdraw(
            _ amount: String, _ currency: String = "CAD", _ extra: String = "", key: String, by person: Person = .artist
        ) async throws -> String {
            let body = #"{"did":"\#(Person.artist.did)","amount":\#(amount),"currency":"\#(currency)"\#(extra)}"#
            return answer(try await pay.send(.post, "/api/balance/withdraw", body, key: key, by: person))
        }
        try await pay.fund(Person.artist.did, 1000, "CAD")
        try await pay.fund(Person.artist.did, 5000, "CAD", asCredit: true)
        #expect(try await withdraw("500", key: "1") == "422 payee_unknown")
        try await pay.setPayee(.artist)
        let postings = pay.postingsCount
        #expect(try await withdraw("500", key: "1") == "422 payee_unknown", "a known key keeps its first answer")
        #expect(try await withdraw("0", key: "2") == "400 amount_invalid")
        #expect(try await withdraw("49", key: "3") == "422 amount_below_minimum")
        #expect(try await withdraw("1001", key: "4") == "422 credit_not_withdrawable")
        #expect(try await withdraw("6001", key: "5") == "402 insufficient_funds")
        #expect(try await withdraw("500", "USD", key: "6") == "422 destination_missing")
        #expect(try await withdraw("500", "XXX", key: "7") == "422 currency_unknown")
        #expect(try await withdraw("500", "CAD", #","rail":"emt""#, key: "8") == "422 destination_missing")
        #expect(try await withdraw("500", key: "9", by: .trusted) == "403 caller_not_allowed")
        pay.rail.rules.closed = ["acct_1"]
        #expect(try await withdraw("500", key: "10") == "422 destination_not_payable")
        pay.rail.rules.closed = []
        pay.rail.rules.isAway = true
        #expect(try await withdraw("500", key: "11") == "503 rail_unavailable")
        pay.rail.rules.isAway = false
        #expect(pay.rail.moneyCalls.isEmpty)
        #expect(pay.postingsCount == postings)
        #expect(try await withdraw("1000", key: "11") == "201 -", "nothing was stored for the key that got 503")
        #expect(pay.cash(.artist) == 0)
    }
}
