import Cryptography
import Kernel
import Settlement

extension LedgerStoreConformance {
    @Sendable static func paysOut(_ probe: inout Probe) async throws {
        let payee = probe.did("out-payee")
        let payout = RailCommands.payout(probe.key("out"), to: payee, 600)
        _ = try await probe.run(Commands.fund(probe.key("out-fund"), payee, 1000))
        let opened = try await probe.open(.openPayout(payout), payout.id, of: payee)
        let held = try await probe.balance(payee)
        probe.expect(opened.isDone && held.heldMinor == 600, "held, there is \(held)")
        func go(_ event: TransferEvent) async throws -> Outcome { try await probe.step(.payout(event), payout.id) }
        let refusal = RailCommands.declined
        let began = try await go(.began(prepared: [7, 8]))
        let unsure = try await go(.unanswered)
        let paid = try await go(.observed(RailCommands.facts(.done, "tr_\(payout.id)", 600, feeMinor: 2)))
        let left = try await probe.balance(payee)
        probe.expect(began.isDone && unsure.isDone && paid.isDone, "they got \(began) \(unsure) \(paid)")
        probe.expect(left.cashMinor == 400 && left.heldMinor == 0, "paid, there is \(left)")

        let reversed = try await go(.observed(RailCommands.facts(.failed(refusal), "tr_\(payout.id)", 600)))
        let back = try await probe.balance(payee)
        probe.expect(reversed.isDone && back.cashMinor == 1000, "come back, there is \(back)")
        for _ in 0..<2 {
            let retried = try await go(.retried)
            let again = try await probe.balance(payee)
            probe.expect(retried.isDone && again.heldMinor == 600, "for another try there is \(again)")
            _ = try await go(.began(prepared: []))
            _ = try await go(.refused(refusal))
        }
        let stopped = try await probe.payout(payout.id)
        let whole = try await probe.balance(payee)
        probe.expect(
            stopped?.status == .stopped && stopped?.tries == 3 && stopped?.dueAtMs == nil,
            "\(String(describing: stopped))")
        probe.expect(whole.cashMinor == 1000 && whole.heldMinor == 0, "stopped, there is \(whole)")
        let life = try await probe.life(payout.id)
        probe.expect(
            life == [
                "payout_opened held", "payout_began sending", "payout_unanswered sending", "payout_paid paid",
                "payout_failed failed", "payout_retried held", "payout_began sending", "payout_failed failed",
                "payout_retried held", "payout_began sending", "payout_stopped stopped",
            ], "its life is \(life)")
        let cancelled = try await go(.cancelled(reason: "the account is gone"))
        probe.expect(cancelled.isDone, "cancelling got \(cancelled)")
    }

    @Sendable static func booksCosts(_ probe: inout Probe) async throws {
        func cost(_ amountMinor: Int64, _ movement: String) -> RailCost {
            RailCost(
                rail: RailCommands.rail, movement: probe.key(movement), currency: Commands.usd,
                amountMinor: amountMinor,
                reason: "accounts")
        }
        let first = try await probe.run(LifecycleCommands.cost(cost(7, "cost")))
        let again = try await probe.run(LifecycleCommands.cost(cost(7, "cost")))
        let other = try await probe.run(LifecycleCommands.cost(cost(5, "cost-2")))
        probe.expect(
            first.isDone && first == again && other.isDone && first.body != other.body, "they got \(first) \(again)")
        let id = cost(7, "cost").id
        guard case .cost(let booked)? = try await probe.store.lifecycle(id)?.row.lifecycle else {
            probe.failures.append("\(id) is not there")
            return
        }
        probe.expect(booked == cost(7, "cost"), "it is \(booked)")
        let life = try await probe.life(id)
        probe.expect(life == ["cost_booked booked"], "its life is \(life)")
        let row = try await probe.store.lifecycle(
            rail: RailCommands.rail, reference: booked.movement, kind: .cost)
        probe.expect(row?.id == id, "by its movement it is \(String(describing: row))")
    }

    @Sendable static func refusesPayout(_ probe: inout Probe) async throws {
        let payee = probe.did("no-payee")
        _ = try await probe.run(Commands.fund(probe.key("no-1"), payee, 100))
        _ = try await probe.run(Commands.fund(probe.key("no-2"), payee, 900, asCredit: true))
        func code(_ key: String, _ amount: Int64) async throws -> String? {
            let payout = RailCommands.payout(probe.key(key), to: payee, amount)
            return try await probe.open(.openPayout(payout), payout.id, of: payee).code
        }
        let (credit, much) = (try await code("no-credit", 500), try await code("no-much", 1001))
        probe.expect(credit == "credit_not_withdrawable", "credit got \(credit ?? "done")")
        probe.expect(much == "insufficient_funds", "too much got \(much ?? "done")")
        _ = try await probe.run(
            Commands.restrict(probe.key("no-3"), payee, .holdBack(currency: Commands.usd, amountMinor: 60)))
        let heldBack = try await code("no-back", 41)
        probe.expect(heldBack == "insufficient_funds", "what is held back got \(heldBack ?? "done")")
        let fits = try await code("no-fits", 40)
        probe.expect(fits == nil, "the rest got \(fits ?? "done")")
        _ = try await probe.run(Commands.restrict(probe.key("no-4"), payee, .freeze))
        let sent = try await probe.step(.payout(.began(prepared: [])), "po_\(probe.key("no-fits"))")
        probe.expect(sent.code == "account_frozen", "a frozen payee's payout got \(sent.code ?? "done")")
        let off = try await probe.step(.payout(.cancelled(reason: "frozen")), "po_\(probe.key("no-fits"))")
        let free = try await probe.balance(payee)
        probe.expect(off.isDone && free.heldMinor == 0 && free.cashMinor == 100, "called off, there is \(free)")
    }

    // MARK: Disputes

    private static func dispute(
        _ payment: Payment, _ standing: DisputeFacts.Standing, withdrawn: Int64, reinstated: Int64 = 0,
        fee: Int64 = 15
    ) -> DisputeFacts {
        DisputeFacts(
            reference: "dp_\(payment.id)", standing: standing, amountMinor: 1000, withdrawnMinor: withdrawn,
            reinstatedMinor: reinstated, feeMinor: fee, feeReturnedMinor: reinstated > 0 ? fee : 0,
            reason: "fraudulent")
    }

    /// Tells the ledger of a dispute, the first time too.
    private static func tell(_ probe: Probe, _ facts: DisputeFacts, _ payment: Payment) async throws -> Outcome {
        let id = "dsp_\(facts.reference)"
        guard try await probe.store.lifecycle(id) != nil else {
            return try await probe.open(.dispute(facts), id, of: DID(payment.payer), related: [payment.id])
        }
        return try await probe.step(.dispute(facts), id, payment: payment.id)
    }

    @Sendable static func winsDispute(_ probe: inout Probe) async throws {
        let payment = RailCommands.payment(probe.key("won"), payer: probe.did("won-payer"), 1000)
        try await probe.received(payment, fee: 30)
        var outcomes = [try await tell(probe, dispute(payment, .open, withdrawn: 1000), payment)]
        let id = "dsp_dp_\(payment.id)"
        let open = try await probe.dispute(id)
        probe.expect(open?.contestedMinor == 1000, "\(String(describing: open))")
        outcomes.append(try await tell(probe, dispute(payment, .won, withdrawn: 1000, reinstated: 1000), payment))
        let won = try await probe.dispute(id)
        probe.expect(
            won?.status == .won && won?.contestedMinor == 0 && won?.dueAtMs == nil, "\(String(describing: won))")
        // What lags behind changes nothing but the dispute's version.
        outcomes.append(try await tell(probe, dispute(payment, .open, withdrawn: 1000), payment))
        let after = try await probe.dispute(id)
        probe.expect(after == won, "old news made it \(String(describing: after))")
        probe.expect(outcomes.allSatisfy(\.isDone), "they got \(outcomes.map(\.code))")
    }

    @Sendable static func losesDispute(_ probe: inout Probe) async throws {
        let (payer, payee) = (probe.did("lost-payer"), probe.did("lost-payee"))
        let unspent = RailCommands.payment(probe.key("lost-1"), payer: payer, 1000)
        try await probe.received(unspent)
        _ = try await tell(probe, dispute(unspent, .lost, withdrawn: 1000), unspent)
        let charged = try await probe.step(.chargeBack, "dsp_dp_\(unspent.id)", payment: unspent.id)
        let (gone, first) = (try await probe.payment(unspent.id), try await probe.dispute("dsp_dp_\(unspent.id)"))
        probe.expect(charged.isDone && gone?.unspentMinor == 0 && first?.contestedMinor == 0, "\(charged)")

        let spent = RailCommands.payment(probe.key("lost-2"), payer: payer, 1000)
        try await probe.received(spent)
        let settlement = Commands.settle(
            probe.key("lost-settle"), payer: payer, to: [(payee, 1000)],
            funding: .payment(id: spent.id, rail: spent.rail))
        _ = try await probe.run(settlement)
        let payout = RailCommands.payout(probe.key("lost"), to: payee, 700)
        _ = try await probe.open(.openPayout(payout), payout.id, of: payee)
        _ = try await tell(probe, dispute(spent, .open, withdrawn: 1000), spent)
        _ = try await tell(probe, dispute(spent, .lost, withdrawn: 1000), spent)
        let id = "dsp_dp_\(spent.id)"
        let taken = try await probe.run(
            Commands.refund(
                probe.key("lost-refund"), of: settlement, 1000,
                destination: .dispute(id: id, rail: spent.rail)))
        let (lost, debtor) = (try await probe.dispute(id), try await probe.balance(payee))
        probe.expect(taken.isDone, "taking back got \(taken)")
        probe.expect(
            lost?.chargedBackMinor == 1000 && lost?.contestedMinor == 0, "\(String(describing: lost))")
        probe.expect(debtor.cashMinor == 700 && debtor.receivableMinor == 700, "the payee has \(debtor)")
    }
}
