import Kernel
import RailConformance
import Settlement
import Stripe
import StripeSimulator
import Testing

@Suite("Stripe as a rail")
struct RailTests {
    @Test("Stripe's rail keeps what every rail promises", arguments: RailConformance.cases)
    func conforms(promise: RailConformance) async throws {
        let bench = try await StripeBench()
        #expect(try await promise.check(bench) == [])
        bench.stripe.expectCorrect()
    }

    @Test(
        "so it does where Stripe's answers are slow, late, doubled and lost at random",
        arguments: 1...20 as ClosedRange<UInt64>)
    func weather(seed: UInt64) async throws {
        let stripe = SimulatedStripe(seed: seed)
        let bench = try await StripeBench(stripe)
        try await bench.fund(1_000_000)
        // So bad that five tries in a row fail about once in ten times.
        var rates = StripeFaults.Rates.stormy
        rates.requestLost = 250
        rates.replyLost = 250
        rates.failedDuringExecution = 60
        let faults = StripeFaults(seed: seed, rates: rates)
        stripe.world { world, _ in world.faults = faults }
        var paid: [RailInstruction] = []
        for number in 1...10 {
            let instruction = RailInstruction.payOut(
                PayOutInstruction(
                    reference: "po_\(number)-1", payoutID: "po_\(number)", amountMinor: Int64(number * 100),
                    currency: "CAD", destination: bench.destination, payee: "did:imajin:payee", drawnOn: nil,
                    beganAtMs: bench.nowMs()))
            try await carryThrough(instruction, bench, seed: seed)
            paid.append(instruction)
        }
        for instruction in paid {
            let count = await bench.count(instruction)
            #expect(count == 1, "seed \(seed): \(instruction.reference) is there \(count) times")
        }
        stripe.expectCorrect()
    }

    /// What the node does: prepare once, then carry out and ask until it is known, for three days at most.
    private func carryThrough(_ instruction: RailInstruction, _ bench: StripeBench, seed: UInt64) async throws {
        var bytes: [UInt8]?
        for _ in 0..<50 {
            if case .ready(let prepared) = await bench.rail.prepare(instruction, nowMs: bench.nowMs()) {
                bytes = prepared
                break
            }
            stripePass(bench, 60_000)
        }
        let prepared = try #require(bytes, "seed \(seed)")
        var isSending = true
        for _ in 0..<300 {
            if isSending {
                switch await bench.rail.carryOut(instruction, prepared: prepared, nowMs: bench.nowMs()) {
                case .done, .pending: return
                case .refused(let refusal):
                    Issue.record("seed \(seed): \(refusal)")
                    return
                case .failed, .lapsed:
                    Issue.record("seed \(seed): this rail never says so")
                    return
                case .unknown: isSending = false
                }
            }
            stripePass(bench, 900_000)
            switch await bench.rail.fetch(instruction, prepared: prepared, reference: "", nowMs: bench.nowMs()) {
            case .found: return
            case .absent: isSending = true
            case .unknown: break
            }
        }
        Issue.record("seed \(seed): \(instruction.reference) is not known after three days")
    }

    private func stripePass(_ bench: StripeBench, _ milliseconds: Int64) { bench.stripe.pass(milliseconds) }

    @Test("a transfer drawn on a payment needs no available money, and the currency that the payment was settled in")
    func direct() async throws {
        let bench = try await StripeBench()
        let payment = try await openAndPay(bench, "pay_1", 5000)
        let source = try #require(payment.source)
        func instruction(_ currency: String, _ name: String) -> RailInstruction {
            .payOut(
                PayOutInstruction(
                    reference: "\(name)-1", payoutID: name, amountMinor: 4000, currency: currency,
                    destination: bench.destination, payee: "did:imajin:payee",
                    drawnOn: .init(paymentID: "pay_1", source: source), beganAtMs: bench.nowMs()))
        }
        let other = await bench.rail.prepare(instruction("USD", "po_1"), nowMs: bench.nowMs())
        guard case .refused(let refusal) = other else {
            Issue.record("another currency is \(other)")
            return
        }
        #expect(refusal.code == "currency_mismatch")
        let drawn = instruction("CAD", "po_2")
        guard case .ready(let prepared) = await bench.rail.prepare(drawn, nowMs: bench.nowMs()) else {
            Issue.record("not prepared")
            return
        }
        guard case .done(let facts) = await bench.rail.carryOut(drawn, prepared: prepared, nowMs: bench.nowMs()) else {
            Issue.record("not done")
            return
        }
        #expect(facts.amountMinor == 4000)
        let transfer = try await (try bench.stripe.client()).read(
            .transfer(try #require(StripeID(facts.reference))), as: StripeTransfer.self)
        #expect(transfer.sourceTransaction?.text == source)
        #expect(transfer.transferGroup == "pay_1")
        bench.stripe.expectCorrect()
    }

    @Test("a payout waits while the balance or the account is not ready, and is refused where the account is gone")
    func notReady() async throws {
        let bench = try await StripeBench()
        func preparation() async -> RailPreparation {
            await bench.rail.prepare(payOut(bench, 700), nowMs: bench.nowMs())
        }
        guard case .unavailable = await preparation() else {
            Issue.record("it does not wait for money")
            return
        }
        try await bench.fund(700)
        guard case .ready = await preparation() else {
            Issue.record("it waits with money")
            return
        }
        try bench.stripe.world { world, nowMs in
            try world.setCapability("transfers", to: "inactive", of: bench.destination, nowMs: nowMs)
        }
        guard case .unavailable(let why) = await preparation() else {
            Issue.record("it does not wait for the account")
            return
        }
        #expect(why.contains(bench.destination))
        bench.stripe.expectCorrect()
    }

    @Test("a payment in another currency says what was settled, in which currency, and the fee in that one")
    func converted() async throws {
        let bench = try await StripeBench()
        let facts = try await openAndPay(bench, "pay_1", 2000, currency: "EUR")
        #expect(facts.amountMinor == 2000)
        #expect(facts.settledCurrency == "CAD")
        #expect(facts.settledMinor == 3000)
        #expect((facts.feeMinor ?? 0) > 0)
        bench.stripe.expectCorrect()
    }

    @Test("a payment whose line of the balance comes late is done, and its fee is not known until it does")
    func lateLine() async throws {
        let bench = try await StripeBench(SimulatedStripe { $0.balanceTransactionDelayMs = 60_000 })
        let facts = try await openAndPay(bench, "pay_1", 2000)
        #expect(facts.standing == .done && facts.feeMinor == nil)
        bench.stripe.pass(120_000)
        guard
            case .found(let later) = await bench.rail.fetch(
                collect(bench, "pay_1", 2000), prepared: [], reference: facts.reference, nowMs: bench.nowMs())
        else {
            Issue.record("it is not found")
            return
        }
        #expect(later.feeMinor == 88)
        bench.stripe.expectCorrect()
    }

    @Test("a declined card leaves the payment open; a debit that is not honoured fails it")
    func declined() async throws {
        let bench = try await StripeBench()
        let card = try await open(bench, "pay_1", 2000)
        try bench.stripe.world { world, nowMs in
            try world.completeCheckout(card.reference, payment: .declined(code: "insufficient_funds"), nowMs: nowMs)
        }
        let still = await bench.rail.fetch(
            collect(bench, "pay_1", 2000), prepared: [], reference: card.reference, nowMs: bench.nowMs())
        #expect(still == .found(card))
        let debit = try await open(bench, "pay_2", 2000)
        try bench.stripe.world { world, nowMs in
            try world.completeCheckout(debit.reference, payment: .processing, nowMs: nowMs)
        }
        guard
            case .found(let processing) = await bench.rail.fetch(
                collect(bench, "pay_2", 2000), prepared: [], reference: debit.reference, nowMs: bench.nowMs())
        else {
            Issue.record("it is not found")
            return
        }
        #expect(processing.standing == .pending && processing.url == nil)
        bench.stripe.expectCorrect()
    }
}

/// Instructions, and what is done with them.
extension RailTests {
    func collect(_ bench: StripeBench, _ name: String, _ amountMinor: Int64, currency: String = "CAD")
        -> RailInstruction
    {
        .collect(
            CollectInstruction(
                reference: "\(name)-1", paymentID: name, amountMinor: amountMinor, currency: currency,
                description: "", successURL: "https://shop.example/done", cancelURL: "https://shop.example/back",
                expiresAtMs: bench.nowMs() + 7 * 86_400_000, beganAtMs: bench.nowMs()))
    }

    @Test("of two transfers that saw the same balance one waits for more: nobody is at fault")
    func sameBalance() async throws {
        let bench = try await StripeBench(SimulatedStripe())
        try await bench.fund(10_000)
        let instructions = [payOut(bench, 6_000), payOut(bench, 6_000, id: "po_2")]
        var calls: [[UInt8]] = []
        for instruction in instructions {
            guard case .ready(let prepared) = await bench.rail.prepare(instruction, nowMs: bench.nowMs()) else {
                Issue.record("not ready")
                return
            }
            calls.append(prepared)
        }
        let first = await bench.rail.carryOut(instructions[0], prepared: calls[0], nowMs: bench.nowMs())
        let second = await bench.rail.carryOut(instructions[1], prepared: calls[1], nowMs: bench.nowMs())
        guard case .done = first, case .lapsed = second else {
            Issue.record("\(first), \(second)")
            return
        }
        bench.stripe.expectCorrect()
    }

    func payOut(_ bench: StripeBench, _ amountMinor: Int64, id: String = "po_1") -> RailInstruction {
        .payOut(
            PayOutInstruction(
                reference: "\(id)-1", payoutID: id, amountMinor: amountMinor, currency: "CAD",
                destination: bench.destination, payee: "did:imajin:payee", drawnOn: nil, beganAtMs: bench.nowMs()))
    }

    func open(
        _ bench: StripeBench, _ name: String, _ amountMinor: Int64, currency: String = "CAD"
    ) async throws -> RailFacts {
        let instruction = collect(bench, name, amountMinor, currency: currency)
        guard case .ready(let prepared) = await bench.rail.prepare(instruction, nowMs: bench.nowMs()),
            case .pending(let facts) = await bench.rail.carryOut(instruction, prepared: prepared, nowMs: bench.nowMs())
        else {
            Issue.record("\(name) is not open")
            return RailFacts(standing: .pending, reference: "", amountMinor: 0)
        }
        return facts
    }

    func openAndPay(
        _ bench: StripeBench, _ name: String, _ amountMinor: Int64, currency: String = "CAD"
    ) async throws -> RailFacts {
        let opened = try await open(bench, name, amountMinor, currency: currency)
        try await bench.pay(reference: opened.reference)
        let instruction = collect(bench, name, amountMinor, currency: currency)
        guard
            case .found(let facts) = await bench.rail.fetch(
                instruction, prepared: [], reference: opened.reference, nowMs: bench.nowMs())
        else {
            Issue.record("\(name) is not found")
            return opened
        }
        return facts
    }
}
