import Cryptography
import Kernel
import Settlement

extension LedgerStoreConformance {
    /// What a store promises of payments, payouts, refunds, disputes, escrows and payees.
    public static let railCases: [LedgerStoreConformance] = [
        LedgerStoreConformance("a payment is received, spent, and refunded by its rail", paysIn),
        LedgerStoreConformance("a rail that converts is booked in both currencies", converts),
        LedgerStoreConformance("a top-up becomes balance in the entry that books it", topsUp),
        LedgerStoreConformance("what arrives otherwise than asked for waits in suspense until it is given", suspends),
        LedgerStoreConformance("what a payer pays past the node is settled without it, by one movement", passesBy),
        LedgerStoreConformance("what was paid past the node otherwise stands as it landed", standsAsItLanded),
        LedgerStoreConformance("a refused refund leaves the money with its payment", refundFails),
        LedgerStoreConformance("a payout holds, pays, comes back, and stops after three failures", paysOut),
        LedgerStoreConformance("what the node spent at a rail is booked once for each movement", booksCosts),
        LedgerStoreConformance("a payout that the balance does not cover is not made", refusesPayout),
        LedgerStoreConformance("a dispute that is won gives back what it took", winsDispute),
        LedgerStoreConformance("a dispute that is lost takes from whoever has the money", losesDispute),
        LedgerStoreConformance("an escrow gives cash back before credit", escrows),
        LedgerStoreConformance("a payee's wish is in force when its time has come", payees),
        LedgerStoreConformance("a step is done once, whoever asks and however often", stepsOnce),
        LedgerStoreConformance("lifecycles are found by id, reference, time and owner, page by page", findsLifecycles),
    ]
}

extension LedgerStoreConformance.Probe {
    /// Makes a lifecycle.
    func open(_ step: LifecycleStep, _ id: String, of did: DID, related: [String] = []) async throws -> Outcome {
        try await run(RailCommands.open(step, id, of: did, related: related))
    }

    /// A step from where the lifecycle stands.
    func step(_ step: LifecycleStep, _ id: String, payment: String? = nil) async throws -> Outcome {
        guard let row = try await store.lifecycle(id)?.row else {
            return Outcome(status: 404, code: "not_found", body: [])
        }
        var of: Payment?
        if let payment { of = try await self.payment(payment) }
        return try await run(LifecycleCommands.step(step, of: row, payment: of))
    }

    func payment(_ id: String) async throws -> Payment? {
        guard case .payment(let payment)? = try await store.lifecycle(id)?.row.lifecycle else { return nil }
        return payment
    }

    func payout(_ id: String) async throws -> Payout? {
        guard case .payout(let payout)? = try await store.lifecycle(id)?.row.lifecycle else { return nil }
        return payout
    }

    func dispute(_ id: String) async throws -> Dispute? {
        guard case .dispute(let dispute)? = try await store.lifecycle(id)?.row.lifecycle else { return nil }
        return dispute
    }

    /// A payment that has arrived.
    mutating func received(_ payment: Payment, fee: Int64 = 0, amountMinor: Int64? = nil) async throws {
        let payer = try DID(payment.payer)
        let steps: [PaymentEvent] = [
            .began(prepared: [1]),
            .observed(
                RailFacts(
                    standing: .pending, reference: "cs_\(payment.id)", amountMinor: payment.chargedMinor,
                    url: "https://pay.example/\(payment.id)")),
            .observed(
                RailCommands.facts(
                    .done, "cs_\(payment.id)", amountMinor ?? payment.chargedMinor, feeMinor: fee)),
        ]
        var outcomes = [try await open(.openPayment(payment), payment.id, of: payer)]
        for event in steps { outcomes.append(try await step(.payment(event), payment.id)) }
        expect(outcomes.allSatisfy(\.isDone), "\(payment.id) was not received: \(outcomes.map(\.code))")
    }

    /// A lifecycle's life in words.
    func life(_ id: String) async throws -> [String] {
        try await store.lifecycle(id)?.events.map { "\($0.name) \($0.status)" } ?? []
    }
}

// MARK: Payments

extension LedgerStoreConformance {
    @Sendable static func paysIn(_ probe: inout Probe) async throws {
        let (payer, payee) = (probe.did("in-payer"), probe.did("in-payee"))
        let payment = RailCommands.payment(probe.key("in"), payer: payer, 1000, surchargeMinor: 30)
        try await probe.received(payment, fee: 59)
        let life = try await probe.life(payment.id)
        probe.expect(
            life == [
                "payment_opened opening", "payment_began opening", "payment_pending pending",
                "payment_received received",
            ], "its life is \(life)")

        let settlement = Commands.settle(
            probe.key("in-settle"), payer: payer, to: [(payee, 941)], fees: [FeePart(kind: .rail, amountMinor: 59)],
            funding: .payment(id: payment.id, rail: payment.rail))
        let settled = try await probe.run(settlement)
        probe.expect(settled.isDone, "settling got \(settled)")
        let again = try await probe.run(
            Commands.settle(
                probe.key("in-again"), payer: payer, to: [(payee, 941)],
                fees: [FeePart(kind: .rail, amountMinor: 59)],
                funding: .payment(id: payment.id, rail: payment.rail)))
        probe.expect(again.code == "payment_already_spent", "spending it twice got \(again.code ?? "done")")
        let (left, gained) = (try await probe.balance(payer), try await probe.balance(payee))
        probe.expect(left.cashMinor == 0 && gained.cashMinor == 941, "they have \(left) and \(gained)")
        let spent = try await probe.payment(payment.id)
        probe.expect(
            spent?.status == .settled && spent?.settlementID == settled.reference && spent?.unspentMinor == 0,
            "spent, it is \(String(describing: spent))")

        let refundID = "rrf_\(probe.key("in"))"
        let refund = try await probe.run(
            Commands.refund(
                probe.key("in-refund"), of: settlement, 500,
                destination: .rail(refundID: refundID, paymentID: payment.id, rail: payment.rail)))
        probe.expect(refund.isDone, "the refund got \(refund)")
        let returning = try await probe.payment(payment.id)
        probe.expect(returning?.returningMinor == 500, "\(returning?.returningMinor ?? -1) are returning")
        let begun = try await probe.step(.refund(.began(prepared: [])), refundID, payment: payment.id)
        let sent = try await probe.step(
            .refund(.observed(RailCommands.facts(.pending, "re_\(refundID)", 500))), refundID, payment: payment.id)
        let done = try await probe.step(
            .refund(.observed(RailCommands.facts(.done, "re_\(refundID)", 500))), refundID, payment: payment.id)
        probe.expect(begun.isDone && sent.isDone && done.isDone, "the refund's steps got \(begun) \(sent) \(done)")
        let returned = try await probe.payment(payment.id)
        probe.expect(
            returned?.returningMinor == 0 && returned?.returnedMinor == 500, "\(String(describing: returned))")
        let refundLife = try await probe.life(refundID)
        let expected = [
            "refund held", "rail_refund_began sending", "rail_refund_sent sent", "rail_refund_done done",
        ]
        probe.expect(refundLife == expected, "the refund's life is \(refundLife)")
    }

    @Sendable static func converts(_ probe: inout Probe) async throws {
        let payer = probe.did("fx-payer")
        let payment = RailCommands.payment(probe.key("fx"), payer: payer, 1000)
        var facts = RailCommands.facts(.done, "cs_\(payment.id)", 1000, feeMinor: 40)
        (facts.settledCurrency, facts.settledMinor) = ("EUR", 900)
        _ = try await probe.open(.openPayment(payment), payment.id, of: payer)
        _ = try await probe.step(.payment(.began(prepared: [])), payment.id)
        let outcome = try await probe.step(.payment(.observed(facts)), payment.id)
        probe.expect(outcome.isDone, "it got \(outcome)")
        let known = try await probe.payment(payment.id)
        probe.expect(known?.feeCurrency == "EUR" && known?.payeesFeeMinor == 0, "\(String(describing: known))")
        let life = try await probe.store.lifecycle(payment.id)?.events ?? []
        probe.expect(life.count == 3 && life[2].seq == life[1].seq + 2, "it is not two entries: \(life)")
    }

    @Sendable static func topsUp(_ probe: inout Probe) async throws {
        let payer = probe.did("top-payer")
        let payment = RailCommands.payment(
            probe.key("top"), payer: payer, 1000, surchargeMinor: 30, purpose: .topUp, feeBearer: .payer)
        try await probe.received(payment, fee: 59)
        let balance = try await probe.balance(payer)
        let known = try await probe.payment(payment.id)
        probe.expect(balance.cashMinor == 1000, "the balance is \(balance)")
        probe.expect(known?.status == .settled && known?.unspentMinor == 0, "\(String(describing: known))")
    }

    @Sendable static func suspends(_ probe: inout Probe) async throws {
        let (payer, other) = (probe.did("sus-payer"), probe.did("sus-other"))
        let less = RailCommands.payment(probe.key("sus-less"), payer: payer, 1000)
        try await probe.received(less, amountMinor: 999)
        let waiting = try await probe.payment(less.id)
        probe.expect(
            waiting?.status == .suspended && waiting?.refusal?.code == "amount_mismatch",
            "\(String(describing: waiting))")
        let row = try await probe.store.lifecycle(less.id)?.row
        if let row {
            let assign = LifecycleCommands.step(
                .payment(.assigned(did: other.string, actor: "operator:ops")), of: row)
            let assigned = try await probe.run(assign)
            probe.expect(assigned.isDone, "assigning got \(assigned)")
        }
        let gained = try await probe.balance(other)
        probe.expect(gained.cashMinor == 999, "it has \(gained)")

        let stuck = RailCommands.payment(
            probe.key("sus-stuck"), payer: payer, 400, purpose: .settle(manifestCID: "bafytest"))
        try await probe.received(stuck)
        let refusal = RailRefusal(code: "manifest_unresolved", reason: "there is no such manifest")
        let outcome = try await probe.step(.payment(.suspended(refusal)), stuck.id)
        let suspended = try await probe.payment(stuck.id)
        probe.expect(outcome.isDone && suspended?.isSuspended == true, "\(String(describing: suspended))")
    }

    @Sendable static func refundFails(_ probe: inout Probe) async throws {
        let payer = probe.did("rf-payer")
        let payment = RailCommands.payment(
            probe.key("rf"), payer: payer, 1000, purpose: .settle(manifestCID: "bafytest"))
        try await probe.received(payment)
        func refund(_ number: Int, _ amount: Int64?, done: RailFacts? = nil) async throws -> Outcome {
            try await probe.open(
                .openRefund(amountMinor: amount, reason: "asked for", creator: "node", done: done),
                "rrf_\(payment.id)\(number)", of: payer, related: [payment.id])
        }
        let opened = try await refund(1, 400)
        let over = try await refund(2, 601)
        probe.expect(
            opened.isDone && over.code == "refund_exceeds_remainder", "they got \(opened) \(over.code ?? "done")")
        let reason = RailRefusal(code: "manifest_unresolved", reason: "there is no such manifest")
        let moved = try await probe.step(.payment(.suspended(reason)), payment.id)
        probe.expect(moved.code == "state_conflict", "suspending beside a refund got \(moved.code ?? "done")")
        let refused = try await probe.step(
            .refund(.refused(RailCommands.declined)), "rrf_\(payment.id)1", payment: payment.id)
        let back = try await probe.payment(payment.id)
        probe.expect(
            refused.isDone && back?.unspentMinor == 1000 && back?.returningMinor == 0, "\(String(describing: back))")
        let byItself = try await refund(3, 250, done: RailCommands.facts(.done, "re_\(payment.id)", 250, feeMinor: 3))
        probe.expect(byItself.isDone, "the rail's own refund got \(byItself)")
        let cameBack = try await probe.step(
            .refund(.observed(RailCommands.facts(.failed(RailCommands.declined), "re_\(payment.id)", 250))),
            "rrf_\(payment.id)3", payment: payment.id)
        let whole = try await probe.payment(payment.id)
        probe.expect(cameBack.isDone && whole?.unspentMinor == 1000 && whole?.returnedMinor == 0, "\(cameBack)")
    }
}
