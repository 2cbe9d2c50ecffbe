import Kernel
import Settlement
import Stripe
import StripeSimulator
import Testing

@Suite("What Stripe tells by itself")
struct NewsTests {
    private let rails = RailTests()

    /// The webhooks that are due, as the rail understands them.
    private func news(_ bench: StripeBench) async throws -> [(type: String, news: RailNews)] {
        let hooks = bench.stripe.world { world, nowMs in world.takeWebhooks(nowMs: nowMs) }
        let rail = StripeRail(client: try bench.stripe.client())
        var heard: [(type: String, news: RailNews)] = []
        for hook in hooks { heard.append((hook.type, try await rail.news(of: hook.body))) }
        return heard
    }

    /// Gives 500 of `pay_1` back as `rrf_1`; nil where Stripe does not at once.
    private func refunded(_ bench: StripeBench, _ payment: RailFacts, currency: String) async -> RailFacts? {
        let instruction = RailInstruction.refund(
            RefundInstruction(
                reference: "rrf_1-1", refundID: "rrf_1", paymentID: "pay_1", paymentReference: payment.reference,
                amountMinor: 500, currency: currency, beganAtMs: bench.nowMs()))
        guard case .ready(let prepared) = await bench.rail.prepare(instruction, nowMs: bench.nowMs()),
            case .done(let facts) = await bench.rail.carryOut(instruction, prepared: prepared, nowMs: bench.nowMs())
        else { return nil }
        return facts
    }

    private func bench() async throws -> StripeBench {
        try await StripeBench(
            SimulatedStripe { $0.endpoints = [StripeEndpoint(id: "we_1", secrets: ["whsec_1"])] })
    }

    @Test("every event about a payment says how it stands now, by our reference, whatever the event is called")
    func payments() async throws {
        let bench = try await bench()
        let facts = try await rails.openAndPay(bench, "pay_1", 2000)
        let heard = try await news(bench)
        let about = heard.filter {
            ["checkout.session.completed", "charge.succeeded", "payment_intent.succeeded"].contains($0.type)
        }
        #expect(about.count == 3)
        for (type, news) in about { #expect(news == .instruction(reference: "pay_1-1", facts), "\(type)") }
        bench.stripe.expectCorrect()
    }

    @Test("a refund of ours is told by its reference, one made in the dashboard by its payment")
    func refunds() async throws {
        let bench = try await bench()
        try await bench.fund(10_000)
        let payment = try await rails.openAndPay(bench, "pay_1", 2000)
        let ours = try #require(await refunded(bench, payment, currency: "CAD"), "not refunded")
        _ = bench.stripe.world { world, nowMs in
            let form = "charge=\(payment.source ?? "")&amount=300"
            return world.handle(
                StripeRequest(
                    method: "POST", target: "/v1/refunds", form: Array(form.utf8),
                    authorization: "Bearer sk_test_simulator", version: "2026-10-28.endive", idempotencyKey: "by-hand"),
                nowMs: nowMs
            ).status
        }
        let heard = try await news(bench).filter { $0.type == "refund.created" }.map(\.news)
        #expect(heard.contains(.instruction(reference: "rrf_1-1", ours)))
        let byHand = heard.compactMap { if case .refund(let id, let facts) = $0 { (id, facts) } else { nil } }
        #expect(byHand.map(\.0) == ["pay_1"])
        #expect(byHand.first?.1.amountMinor == 300)
        bench.stripe.expectCorrect()
    }

    @Test("a refund that fails after it was done is told as failed")
    func failedRefund() async throws {
        let bench = try await bench()
        try await bench.fund(10_000)
        let payment = try await rails.openAndPay(bench, "pay_1", 2000)
        let facts = try #require(await refunded(bench, payment, currency: "CAD"), "not refunded")
        _ = try await news(bench)
        try bench.stripe.world { world, nowMs in try world.failRefund(facts.reference, nowMs: nowMs) }
        let heard = try await news(bench).filter { $0.type == "refund.failed" }.map(\.news)
        guard case .instruction("rrf_1-1", let failed)? = heard.first, case .failed(let refusal) = failed.standing
        else {
            Issue.record("it is \(heard)")
            return
        }
        #expect(refusal.code == "refund_failed")
        bench.stripe.expectCorrect()
    }

    @Test("a dispute tells totals: what was taken, what came back, and the fees", arguments: [true, false])
    func disputes(isWon: Bool) async throws {
        let bench = try await bench()
        try await bench.fund(10_000)
        let payment = try await rails.openAndPay(bench, "pay_1", 2000)
        _ = try await news(bench)
        let charge = try #require(payment.source)
        let dispute = try bench.stripe.world { world, nowMs in try world.openDispute(charge: charge, nowMs: nowMs) }
        let opened = try await news(bench).compactMap {
            if case .dispute(_, let facts) = $0.news { facts } else { nil }
        }
        #expect(opened.allSatisfy { $0.standing == .open && $0.withdrawnMinor == 2000 && $0.feeMinor == 1500 })
        #expect(!opened.isEmpty)
        try bench.stripe.world { world, nowMs in try world.closeDispute(dispute, won: isWon, nowMs: nowMs) }
        let closed = try await news(bench).compactMap { news -> DisputeFacts? in
            guard case .dispute("pay_1", let facts) = news.news else { return nil }
            return facts
        }
        let facts = try #require(closed.last)
        #expect(facts.standing == (isWon ? .won : .lost))
        #expect(facts.reinstatedMinor == (isWon ? 2000 : 0))
        #expect(facts.reference == dispute)
        bench.stripe.expectCorrect()
    }

    @Test("of a converted payment, a dispute and a refund say what moved in the account, and what that is to the payer")
    func converted() async throws {
        let bench = try await bench()
        try await bench.fund(10_000)
        // The simulator's rate is one and a half.
        let payment = try await rails.openAndPay(bench, "pay_1", 2000, currency: "EUR")
        let sent = try #require(await refunded(bench, payment, currency: "EUR"), "not refunded")
        #expect(sent.amountMinor == 500 && sent.settledMinor == 750 && sent.settledCurrency == "CAD")
        _ = try await news(bench)
        try bench.stripe.world { world, nowMs in try world.failRefund(sent.reference, nowMs: nowMs) }
        let failed = try await news(bench).compactMap { news -> RailFacts? in
            guard case .instruction("rrf_1-1", let facts) = news.news else { return nil }
            return facts
        }.last
        #expect(failed?.settledMinor == 750 && failed?.returnedSettledMinor == 750)
        #expect(failed?.settledCurrency == "CAD")

        let other = try await rails.openAndPay(bench, "pay_2", 2000, currency: "EUR")
        let charge = try #require(other.source)
        let dispute = try bench.stripe.world { world, nowMs in try world.openDispute(charge: charge, nowMs: nowMs) }
        func told() async throws -> DisputeFacts? {
            try await news(bench).compactMap {
                if case .dispute("pay_2", let facts) = $0.news { facts } else { nil }
            }.last
        }
        let opened = try #require(try await told())
        #expect(opened.amountMinor == 2000 && opened.withdrawnMinor == 2000 && opened.reinstatedMinor == 0)
        #expect(opened.settled == SettledDispute(currency: "CAD", withdrawnMinor: 3000, reinstatedMinor: 0))
        #expect(opened.feeMinor == 1500)
        try bench.stripe.world { world, nowMs in try world.closeDispute(dispute, won: true, nowMs: nowMs) }
        let closed = try #require(try await told())
        #expect(closed.standing == .won && closed.withdrawnMinor == 2000 && closed.reinstatedMinor == 2000)
        #expect(closed.settled == SettledDispute(currency: "CAD", withdrawnMinor: 3000, reinstatedMinor: 3000))
        bench.stripe.expectCorrect()
    }

    @Test("what is of another mode, of a connected account or not ours changes nothing")
    func strangers() async throws {
        let bench = try await bench()
        let rail = StripeRail(client: try bench.stripe.client())
        for body in [
            EventTests.body("payout.paid", object: #"{"object":"payout","id":"po_1"}"#, account: bench.destination),
            EventTests.body("transfer.paid", object: #"{"object":"transfer","id":"tr_1"}"#),
            Array(
                String(
                    decoding: EventTests.body("charge.succeeded", object: #"{"object":"charge","id":"ch_1"}"#),
                    as: UTF8.self
                )
                .replacing(#""livemode":false"#, with: #""livemode":true"#).utf8),
        ] {
            guard case .nothing = try await rail.news(of: body) else {
                Issue.record("it is news: \(String(decoding: body, as: UTF8.self))")
                continue
            }
        }
    }

    @Test("what Stripe does not know (yet) is looked at again")
    func unknown() async throws {
        let bench = try await bench()
        let rail = StripeRail(client: try bench.stripe.client())
        let body = EventTests.body("charge.succeeded", object: #"{"object":"charge","id":"ch_unknown"}"#)
        guard case .unknown = try await rail.news(of: body) else {
            Issue.record("it is not looked at again")
            return
        }
    }

    @Test("events that Stripe could not deliver are found in its list, as their webhooks would have been")
    func sweep() async throws {
        let bench = try await bench()
        let facts = try await rails.openAndPay(bench, "pay_1", 2000)
        let client = try bench.stripe.client()
        var bodies: [[UInt8]] = []
        var after: StripeID?
        repeat {
            let page = try await client.events(sinceMs: bench.nowMs() - 86_400_000, after: after)
            bodies += page.events
            after = page.next
        } while after != nil
        let rail = StripeRail(client: client)
        var heard: [RailNews] = []
        for body in bodies { heard.append(try await rail.news(of: body)) }
        #expect(heard.contains(.instruction(reference: "pay_1-1", facts)))
        bench.stripe.expectCorrect()
    }
}
