import Cryptography
import Kernel
import LedgerDouble
import Pay
import RailDouble
import Service
import Settlement
import Synchronization
import Testing

@Suite("Checkouts")
struct CheckoutTests {
    private let clearing = AccountKey.clearing(.stripe, "CAD")
    private let payments = AccountKey.payments(.stripe, "CAD")
    private let railFees = AccountKey.railFees(.stripe, "CAD")

    @Test("a guest's payment settles by itself when the rail confirms it, the rail's fee off before the split")
    func settlesItself() async throws {
        let pay = try await PayFixture.startWithNodeFee()
        let body = try CheckoutBody.settling()
        let opened = try await pay.send(.post, "/api/checkout", body.json, key: "c", by: .service)
        #expect(opened.status == 201, "\(opened.text)")
        let id = try #require(opened.json["id"]?.string)
        #expect(opened.json["status"]?.string == "pending")
        #expect(opened.json["url"]?.string == "https://rail.example/at_\(id)-1")
        #expect(opened.json["from_did"]?.string == "did:imajin:soft:\(id)")
        #expect(opened.json["charged"]?.int64 == 4000)
        #expect(opened.json["expires_at"]?.string == "2026-04-01T12:00:00.000Z")
        #expect(pay.postingsCount == 0)
        try await pay.arrive(id, 4000, feeMinor: 146)
        // 4,000 less 20 for the node less 146 for the rail: 3,834 by 3/5, 1/4 and 3/20.
        #expect([Person.artist, .producer, .engineer].map { pay.cash($0) } == [2300, 959, 575])
        #expect(pay.balance(clearing) == 3854)
        #expect(pay.balance(payments) == 0)
        #expect(pay.balance(railFees) == 0)
        let payment = try pay.payment(id)
        #expect(payment.status == .settled)
        let state = try await pay.send(.get, "/api/settlements/\(payment.settlementID)", by: .service)
        #expect(state.json["funding"]?["reference"]?.string == id)
        #expect(state.json["fees"]?.elements.map { $0["kind"]?.string } == ["node", "rail"])
        #expect(state.json["fees"]?.elements.map { $0["amount"]?.int64 } == [20, 146])
        #expect(state.json["fees"]?.elements.map { $0 }.last?["did"]?.string == Person.node.did.string)
    }

    @Test("who bears the rail's fee: the payer pays on top, exactly by the rule; the node bears what that leaves")
    func bearers() async throws {
        var settings = PayFixture.Settings()
        settings.desk = { desk in
            desk.feeBearer = .payer
            desk.surcharges = ["CAD": (try? RailSurcharge(bps: 290, fixedMinor: 30))].compactMapValues { $0 }
        }
        let payer = try await PayFixture.start(settings)
        let opened = try await payer.send(
            .post, "/api/checkout", try CheckoutBody.settling().json, key: "c", by: .service)
        #expect(opened.json["amount"]?.int64 == 4000)
        #expect(opened.json["charged"]?.int64 == 4146)
        let first = try #require(opened.json["id"]?.string)
        try await payer.arrive(first, 4146, feeMinor: 150)
        #expect([Person.artist, .producer, .engineer].map { payer.cash($0) } == [2400, 1000, 600])
        #expect(payer.balance(clearing) == 3996)
        #expect(payer.balance(railFees) == 4)

        settings.desk = { $0.feeBearer = .node }
        let node = try await PayFixture.start(settings)
        let second = try await node.checkout(try .settling())
        try await node.arrive(second, 4000, feeMinor: 146)
        #expect([Person.artist, .producer, .engineer].map { node.cash($0) } == [2400, 1000, 600])
        #expect(node.balance(railFees) == 146)
    }

    @Test("a surcharge is rounded up, and a rule beyond half of the amount is none")
    func surcharge() throws {
        #expect(throws: PaySetupError.self) { try RailSurcharge(bps: 5001, fixedMinor: 0) }
        #expect(throws: PaySetupError.self) { try RailSurcharge(bps: 0, fixedMinor: -1) }
    }

    @Test("the same key and body get the same answer, byte for byte, whatever became of the payment")
    func replay() async throws {
        let pay = try await PayFixture.start()
        let body = try CheckoutBody.settling()
        let first = try await pay.send(.post, "/api/checkout", body.json, key: "c", by: .service)
        let id = try #require(first.json["id"]?.string)
        #expect(!first.isReplayed)
        let again = try await pay.send(.post, "/api/checkout", body.json, key: "c", by: .service)
        #expect(again.isReplayed)
        #expect(again.body == first.body)
        try await pay.arrive(id, 4000, feeMinor: 0)
        pay.advance(ms: 3_600_000)
        let late = try await pay.send(.post, "/api/checkout", body.json, key: "c", by: .service)
        #expect(late.status == 201)
        #expect(late.body == first.body)
        #expect(pay.rail.moneyCalls == [.carryOut("\(id)-1")])
        let other = try await pay.send(
            .post, "/api/checkout", body.with { $0.amount = "4001" }.json, key: "c", by: .service)
        #expect(other.status == 422)
        #expect(other.code == "idempotency_key_reused")
        #expect(pay.ledger.book.lifecycles.count == 1)
    }

    @Test("where the rail gives no certain answer it is 503, and the same key carries on without paying twice")
    func unknown() async throws {
        let pay = try await PayFixture.start()
        let body = CheckoutBody().json
        pay.rail.scriptOutcomes(.unknown("no answer"))
        let lost = try await pay.send(.post, "/api/checkout", body, key: "c", by: .service)
        #expect(lost.status == 503)
        #expect(lost.code == "rail_unavailable")
        #expect((lost.headers["retry-after"].flatMap(Int.init) ?? 0) > 0)
        let id = try #require(pay.ledger.book.lifecycles.keys.first)
        // The rail had it after all.
        pay.rail.set(
            RailFacts(standing: .pending, reference: "cs_1", amountMinor: 0, url: "https://rail.example/1"),
            for: "\(id)-1")
        pay.advance(ms: 10_000)
        let found = try await pay.send(.post, "/api/checkout", body, key: "c", by: .service)
        #expect(found.status == 201)
        #expect(found.json["url"]?.string == "https://rail.example/1")
        #expect(pay.rail.moneyCalls == [.carryOut("\(id)-1"), .fetch("\(id)-1")])

        pay.rail.rules.isAway = true
        let away = try await pay.send(.post, "/api/checkout", body, key: "d", by: .service)
        #expect(away.code == "rail_unavailable")
        pay.rail.rules.isAway = false
        pay.advance(ms: 60_000)
        let back = try await pay.send(.post, "/api/checkout", body, key: "d", by: .service)
        #expect(back.status == 201)
        #expect(pay.postingsCount == 0)
    }

    @Test("the same request while the rail is being called waits for the call, whoever makes it")
    func waiting() async throws {
        let pay = try await PayFixture.start()
        let body = CheckoutBody().json
        let (gate, open) = AsyncStream<Never>.makeStream()
        let (called, isCalled) = AsyncStream<Never>.makeStream()
        pay.rail.whileCalling { _ in
            isCalled.finish()
            for await _ in gate {}
        }
        async let first = pay.send(.post, "/api/checkout", body, key: "c", by: .service)
        for await _ in called {}
        async let second = pay.send(.post, "/api/checkout", body, key: "c", by: .service)
        // Long enough for the second to see that the rail is being called.
        try await Task.sleep(for: .milliseconds(200))
        open.finish()
        let answers = try await [first, second]
        #expect(answers.map(\.status) == [201, 201])
        #expect(answers[0].body == answers[1].body)
        #expect(pay.rail.moneyCalls.count == 1)
    }

    @Test("a client does not wait for ever for a rail: the call goes on, and the same key finds its outcome")
    func slow() async throws {
        var settings = PayFixture.Settings()
        settings.desk = { $0.waitMs = 20 }
        let pay = try await PayFixture.start(settings)
        let (gate, open) = AsyncStream<Never>.makeStream()
        pay.rail.whileCalling { _ in for await _ in gate {} }
        let body = CheckoutBody().json
        let first = try await pay.send(.post, "/api/checkout", body, key: "c", by: .service)
        #expect("\(first.status) \(first.code ?? "-")" == "409 idempotency_in_flight")
        #expect(first.headers["retry-after"] == "1")
        let meanwhile = try await pay.send(.post, "/api/checkout", body, key: "c", by: .service)
        #expect(meanwhile.code == "idempotency_in_flight")
        open.finish()
        let id = try #require(pay.ledger.book.lifecycles.keys.first)
        while try pay.payment(id).status != .pending { await Task.yield() }
        let second = try await pay.send(.post, "/api/checkout", body, key: "c", by: .service)
        #expect(second.status == 201)
        #expect(second.json["id"]?.string == id)
        #expect(pay.rail.moneyCalls == [.carryOut("\(id)-1")])
    }

    @Test("what arrives and is not what was asked for goes to suspense, and the service can send it back")
    func suspended() async throws {
        let pay = try await PayFixture.start()
        let id = try await pay.checkout(try .settling())
        try await pay.arrive(id, 3000, feeMinor: 100)
        let state = try await pay.send(.get, "/api/payments/\(id)", by: .service)
        #expect(state.json["status"]?.string == "suspended")
        #expect(state.json["failure"]?["code"]?.string == "amount_mismatch")
        #expect(pay.reports.kinds.contains(.needsAttention), "the operator is told")
        #expect(state.json["events"]?.elements.map { $0 }.last?["event"]?.string == "payment_suspended")
        #expect(pay.balance(.suspense(.stripe, "CAD")) == 3000)
        let back = try await pay.send(
            .post, "/api/payments/\(id)/refund", #"{"reason":"not enough"}"#, key: "r", by: .service)
        #expect(back.status == 201, "\(back.text)")
        #expect(back.json["amount"]?.int64 == 3000)
        #expect(pay.balance(.suspense(.stripe, "CAD")) == 0)
        #expect(pay.balance(clearing) == -100)
        let again = try await pay.send(
            .post, "/api/payments/\(id)/refund", #"{"reason":"not enough"}"#, key: "r", by: .service)
        #expect(again.isReplayed)
        #expect(again.body == back.body)
    }

    @Test("what was paid in another currency is not booked: the event waits, and the operator is told")
    func otherCurrency() async throws {
        let pay = try await PayFixture.start()
        let id = try await pay.checkout(try .settling())
        var facts = RailFacts(
            standing: .done, reference: ScriptedRail.name(of: "\(id)-1"), amountMinor: 4000, feeMinor: 100)
        facts.currency = "USD"
        pay.rail.set(facts, for: "\(id)-1")
        let news = RailNews.instruction(reference: "\(id)-1", facts)
        guard case .parked = try await #require(pay.worker).take(news, from: .stripe) else {
            Issue.record("the event is done with")
            return
        }
        pay.advance(ms: 3_600_000)
        try await pay.pass()
        #expect(try pay.payment(id).status == .pending)
        #expect(pay.postingsCount == 0)
        #expect(pay.reports.kinds.contains(.needsAttention))
    }

    @Test("a payment that can no longer be settled waits in suspense, and the operator is told")
    func frozen() async throws {
        let pay = try await PayFixture.start()
        let body = try CheckoutBody.settling().with { $0.from = Person.payer.did.string }
        let id = try await pay.checkout(body)
        let freeze = Command(
            caller: "operator", key: "f", requestHash: LifecycleCommands.hash("f"),
            action: .restrict(RestrictOrder(did: Person.payer.did, change: .freeze, reason: "x", actor: "op")))
        _ = try await pay.ledger.submit([freeze], atomically: false)
        try await pay.arrive(id, 4000, feeMinor: 146)
        #expect(try pay.payment(id).status == .suspended)
        #expect(try pay.payment(id).refusal?.code == "account_frozen")
        #expect(pay.balance(.suspense(.stripe, "CAD")) == 4000)
        #expect(pay.reports.kinds == [.needsAttention])
    }

    @Test("payees of a direct payment get their parts on the rail as soon as it is settled")
    func direct() async throws {
        let pay = try await PayFixture.start()
        try await pay.setPayee(.artist)
        let id = try await pay.checkout(try .settling().with { $0.isDirect = true })
        try await pay.arrive(id, 4000, feeMinor: 0)
        try await pay.pass()
        #expect(pay.cash(.artist) == 0)
        #expect([Person.producer, .engineer].map { pay.cash($0) } == [1000, 600])
        let list = try await pay.send(.get, "/api/payouts", by: .artist)
        #expect(list.json["data"]?.elements.map { $0["amount"]?.int64 } == [2400])
        #expect(list.json["data"]?.elements.map { $0["status"]?.string } == ["paid"])
        guard case .payOut(let payOut)? = pay.rail.instruction("po_\(id.dropFirst(4))_0-1") else {
            throw TestFailure("nothing was paid out")
        }
        #expect(payOut.drawnOn?.paymentID == id)
        #expect(payOut.destination == "acct_1")
    }

    @Test("a top-up becomes cash of its owner, less what the payee bears of the rail's fee")
    func topUp() async throws {
        let pay = try await PayFixture.start()
        let body = CheckoutBody().with { $0.topUp = Person.payer.did.string }
        let id = try await pay.checkout(body, by: .payer)
        try await pay.arrive(id, 4000, feeMinor: 146)
        #expect(pay.cash(.payer) == 3854)
        #expect(try pay.payment(id).status == .settled)
    }
}
