import Cryptography
import Kernel
import LedgerDouble
import RailDouble
import Service
import Settlement
import Testing

@Suite("Payments")
struct PaymentTests {
    /// A settlement funded by a payment of its payer.
    private func settle(
        _ id: String, _ pay: PayFixture, key: String = "s", by person: Person = .service,
        _ change: (inout SettleBody) -> Void = { _ in }
    ) async throws -> Response {
        var body = try SettleBody()
        body.from = try pay.payment(id).payer
        (body.amount, body.currency) = ("4000", "CAD")
        body.funding = #"{"source":"rail","rail":"stripe","reference":"\#(id)"}"#
        change(&body)
        return try await pay.send(.post, "/api/settle", body.json, key: key, by: person)
    }

    private func answer(_ response: Response) -> String { "\(response.status) \(response.code ?? "-")" }

    @Test("the service settles with a payment once it has arrived: 202 before, 201 under the same key afterwards")
    func funding() async throws {
        let pay = try await PayFixture.startWithNodeFee()
        let id = try await pay.checkout(CheckoutBody())
        let early = try await settle(id, pay)
        #expect(early.status == 202)
        #expect(early.json["status"]?.string == "pending")
        #expect(early.json["payment"]?.string == id)
        try await pay.arrive(id, 4000, feeMinor: 146)
        #expect(try pay.payment(id).status == .received)
        let settled = try await settle(id, pay)
        #expect(settled.status == 201, "\(settled.text)")
        #expect(
            settled.json["funding"].map { String(decoding: $0.rawBytes, as: UTF8.self) }
                == #"{"source":"rail","rail":"stripe","reference":"\#(id)"}"#)
        #expect(settled.json["splits"]?.elements.map { $0["amount"]?.int64 } == [2300, 959, 575])
        let again = try await settle(id, pay)
        #expect(again.isReplayed)
        #expect(again.body == settled.body)
        #expect(answer(try await settle(id, pay, key: "s2")) == "409 payment_already_spent")
        let seen = try await pay.send(.get, "/api/payments/\(id)", by: .service)
        #expect(seen.json["settlement"]?.string == settled.json["id"]?.string)
    }

    @Test("a payment that arrives between planning and posting is split with its fee")
    func race() async throws {
        let pay = try await PayFixture.start()
        let id = try await pay.checkout(CheckoutBody())
        let body = try SettleBody().with {
            $0.from = "did:imajin:soft:\(id)"
            ($0.amount, $0.currency) = ("4000", "CAD")
            $0.funding = #"{"source":"rail","rail":"stripe","reference":"\#(id)"}"#
        }
        // Planned without the fee, and submitted after the payment has come.
        let planned = try await settle(id, pay, key: "early")
        #expect(planned.status == 202)
        guard case .settle(let order)? = pay.ledger.submitted.last?.action else { throw TestFailure("no order") }
        try await pay.arrive(id, 4000, feeMinor: 146)
        let late = Command(
            caller: Person.service.did.string, key: "late", requestHash: LifecycleCommands.hash("late"),
            action: .settle(order))
        let outcome = try await pay.ledger.submit([late], atomically: false)[0].outcome
        #expect(outcome.code == "state_conflict")
        let settled = try await pay.send(.post, "/api/settle", body.json, key: "s", by: .service)
        #expect(settled.json["fees"]?.elements.map { $0["amount"]?.int64 } == [146])
    }

    @Test("a payment is spent by its creator, for its payer, amount and currency, and by no other manifest")
    func mismatches() async throws {
        let pay = try await PayFixture.start()
        let id = try await pay.checkout(CheckoutBody())
        try await pay.arrive(id, 4000, feeMinor: 0)
        pay.callers.allow(.otherPayer, [.settle], .any)
        let rows: [(String, Person, String, (inout SettleBody) -> Void)] = [
            ("another service", .otherPayer, "422 payment_unknown", { _ in }),
            ("another amount", .service, "422 payment_mismatch", { $0.amount = "3999" }),
            ("an amount below the fee", .service, "422 payment_mismatch", { $0.amount = "1" }),
            ("another currency", .service, "422 payment_mismatch", { $0.currency = "USD" }),
            ("another payer", .service, "422 payment_mismatch", { $0.from = Person.payer.did.string }),
            (
                "no such payment", .service, "422 payment_unknown",
                { $0.funding = #"{"source":"rail","rail":"stripe","reference":"pay_0"}"# }
            ),
            (
                "another rail", .service, "422 payment_unknown",
                { $0.funding = #"{"source":"rail","rail":"emt","reference":"\#(id)"}"# }
            ),
        ]
        for (index, (what, person, expected, change)) in rows.enumerated() {
            let response = try await settle(id, pay, key: "k\(index)", by: person, change)
            #expect(answer(response) == expected, "\(what): \(response.text)")
        }
        #expect(try pay.payment(id).status == .received)
        #expect(pay.balance(.payments(.stripe, "CAD")) == 4000)
        let frozen = try await pay.checkout(try .settling(), key: "m")
        pay.rail.set(
            RailFacts(
                standing: .failed(RailRefusal(code: "rail_declined", reason: "x")), reference: "x", amountMinor: 0),
            for: "\(frozen)-1")
        pay.advance(ms: 60_000)
        try await pay.pass()
        #expect(answer(try await settle(frozen, pay, key: "f")) == "409 payment_not_received")
    }

    @Test("what a rail funded is refunded by the rail, though a payee has nothing left")
    func refund() async throws {
        let pay = try await PayFixture.startWithNodeFee()
        let id = try await pay.checkout(try .settling())
        try await pay.arrive(id, 4000, feeMinor: 146)
        let own = try Manifests.signed(
            Manifests.text(id: "urn:test:other", [(Person.platform.did.string, "p", "1")]), by: .platform)
        let spend = SettleBody(own).with {
            $0.from = Person.artist.did.string
            ($0.amount, $0.currency) = ("2300", "CAD")
        }
        #expect(try await pay.send(.post, "/api/settle", spend.json, key: "spend", by: .artist).status == 201)
        let path = "/api/settlements/\(try pay.payment(id).settlementID)/refund"
        let refund = try await pay.send(.post, path, #"{"reason":"cancelled"}"#, key: "r", by: .service)
        #expect(refund.status == 201, "\(refund.text)")
        #expect(refund.json["amount"]?.int64 == 4000)
        #expect(refund.json["receivables"]?.elements.map { $0["amount"]?.int64 } == [2300])
        let refundID = try #require(refund.json["rail_refund"]?["id"]?.string)
        guard case .refund(let sent)? = pay.rail.instruction("\(refundID)-1") else { throw TestFailure("no refund") }
        #expect(sent.amountMinor == 4000)
        #expect(sent.paymentReference == "at_\(id)-1")
        // The rail keeps its 146; the node bears them now.
        #expect(pay.balance(.clearing(.stripe, "CAD")) == -146)
        #expect(pay.balance(.railFees(.stripe, "CAD")) == 146)
        #expect(pay.balance(.payments(.stripe, "CAD")) == 0)
        let again = try await pay.send(.post, path, #"{"reason":"cancelled"}"#, key: "r", by: .service)
        #expect(again.isReplayed)
        #expect(again.body == refund.body)
        #expect(try pay.payment(id).returnedMinor == 4000)
    }

    @Test("unspent money goes back in parts, never more than there is, by its creator only")
    func unspent() async throws {
        let pay = try await PayFixture.start()
        let id = try await pay.checkout(CheckoutBody())
        let path = "/api/payments/\(id)/refund"
        let early = try await pay.send(.post, path, #"{"reason":"x"}"#, key: "0", by: .service)
        #expect(answer(early) == "422 refund_exceeds_remainder")
        try await pay.arrive(id, 4000, feeMinor: 100)
        let calls = pay.rail.moneyCalls.count
        let postings = pay.postingsCount
        pay.callers.allow(.stranger, [.refund], .consentOnly)
        pay.callers.allow(.reader, [.refund, .read], .consentOnly)
        let rows: [(String, Person, String)] = [
            (#"{"amount":4001,"reason":"x"}"#, .service, "422 refund_exceeds_remainder"),
            (#"{"amount":0,"reason":"x"}"#, .service, "400 amount_invalid"),
            (#"{"amount":1}"#, .service, "400 field_invalid"),
            (#"{"amount":1,"reason":"x"}"#, .stranger, "404 not_found"),
            (#"{"amount":1,"reason":"x"}"#, .reader, "403 caller_not_allowed"),
            (#"{"amount":1,"reason":"x"}"#, .payer, "403 caller_not_allowed"),
        ]
        for (index, (body, person, expected)) in rows.enumerated() {
            let response = try await pay.send(.post, path, body, key: "k\(index)", by: person)
            #expect(answer(response) == expected, "\(body)")
        }
        #expect(pay.rail.moneyCalls.count == calls)
        #expect(pay.postingsCount == postings)
        let part = try await pay.send(.post, path, #"{"amount":1500,"reason":"x"}"#, key: "a", by: .service)
        #expect(part.status == 201)
        #expect(part.json["id"]?.string?.hasPrefix("rrf_") == true)
        #expect(try pay.payment(id).unspentMinor == 2500)
        #expect(answer(try await settle(id, pay)) == "409 payment_already_spent")
        let rest = try await pay.send(.post, path, #"{"reason":"x"}"#, key: "b", by: .service)
        #expect(rest.json["amount"]?.int64 == 2500)
        #expect(pay.balance(.payments(.stripe, "CAD")) == 0)
        #expect(try pay.payment(id).returnedMinor == 4000)
    }

    @Test("a payment that nobody made is given up at the rail; one that arrived is not")
    func cancel() async throws {
        let pay = try await PayFixture.start()
        let id = try await pay.checkout(CheckoutBody().with { $0.from = Person.payer.did.string })
        let path = "/api/payments/\(id)/cancel"
        #expect(answer(try await pay.send(.post, path, by: .stranger)) == "404 not_found")
        #expect(answer(try await pay.send(.post, path, by: .reader)) == "403 caller_not_allowed")
        pay.rail.scriptAnswers(.unknown("no answer"))
        #expect(answer(try await pay.send(.post, path, by: .payer)) == "503 rail_unavailable")
        let given = try await pay.send(.post, path, by: .payer)
        #expect(given.status == 200, "\(given.text)")
        #expect(given.json["status"]?.string == "cancelled")
        #expect(try await pay.send(.post, path, by: .service).json["status"]?.string == "cancelled")
        #expect(pay.rail.moneyCalls == [.carryOut("\(id)-1"), .cancel("\(id)-1"), .cancel("\(id)-1")])
        let paid = try await pay.checkout(CheckoutBody(), key: "p")
        try await pay.arrive(paid, 4000, feeMinor: 0)
        let late = try await pay.send(.post, "/api/payments/\(paid)/cancel", by: .service)
        #expect(answer(late) == "409 state_conflict")
        // The payer was faster than we knew.
        let raced = try await pay.checkout(CheckoutBody(), key: "q")
        pay.rail.pay(raced, 4000, feeMinor: 0)
        let lost = try await pay.send(.post, "/api/payments/\(raced)/cancel", by: .service)
        #expect(answer(lost) == "409 state_conflict")
        #expect(try pay.payment(raced).status == .received)
    }

    @Test("a payment is there for its payer, its creator and readers; lists show the same, in pages")
    func privacy() async throws {
        let pay = try await PayFixture.start()
        var ids: [String] = []
        for index in 0..<3 {
            pay.advance(ms: 1)
            ids.append(
                try await pay.checkout(CheckoutBody().with { $0.from = Person.payer.did.string }, key: "\(index)"))
        }
        for person in [Person.payer, .service, .reader, .trusted] {
            #expect(try await pay.send(.get, "/api/payments/\(ids[0])", by: person).status == 200)
        }
        for id in [ids[0], "pay_0", "payee:\(Person.payer.did)", "%00"] {
            #expect(answer(try await pay.send(.get, "/api/payments/\(id)", by: .stranger)) == "404 not_found")
        }
        func list(_ query: String, _ person: Person) async throws -> [String?] {
            try await pay.send(.get, "/api/payments\(query)", by: person).json["data"]?.elements.map {
                $0["id"]?.string
            }
                ?? []
        }
        #expect(try await list("", .service) == ids.reversed())
        #expect(try await list("", .reader) == ids.reversed())
        #expect(try await list("?from_did=\(Person.payer.did)", .payer) == ids.reversed())
        #expect(try await list("", .payer) == [])
        #expect(try await list("?from_did=\(Person.payer.did)", .stranger) == [])
        #expect(try await list("?status=settled", .service) == [])
        let first = try await pay.send(.get, "/api/payments?limit=2", by: .service)
        let cursor = try #require(first.json["next_cursor"]?.string)
        #expect(try await list("?limit=2&cursor=\(cursor)", .service) == [ids[0]])
        for (query, code) in [
            ("?status=lost", "query_invalid"), ("?limit=0", "limit_invalid"), ("?cursor=!!", "cursor_invalid"),
            ("?from_did=x", "query_invalid"),
        ] {
            #expect(try await pay.send(.get, "/api/payments\(query)", by: .service).code == code)
        }
    }
}
