public import Cryptography
public import Kernel

extension RailWorker {
    /// Submits an event of money that a rail moves, in the words of the row's kind.
    func submit(_ row: LifecycleRow, _ event: TransferEvent) async throws(LedgerFailure) -> Bool {
        try await outcome(row, event)?.isDone ?? false
    }

    /// What an event comes to; `nil`: somebody else was faster, or it does not fit.
    func outcome(_ row: LifecycleRow, _ event: TransferEvent) async throws(LedgerFailure) -> Outcome? {
        switch row.lifecycle {
        case .payout(let payout): return try await outcome(.payout(payout.isPaid ? event.ofRecall : event), row)
        case .refund(let refund):
            guard case .payment(let payment)? = try await ledger.lifecycle(refund.paymentID)?.row.lifecycle else {
                return nil
            }
            return try await outcome(.refund(event), row, payment: payment)
        case .payment:
            let paymentEvent: PaymentEvent
            switch event {
            case .began(let prepared, let process): paymentEvent = .began(prepared: prepared, by: process)
            case .observed(let facts): paymentEvent = .observed(facts)
            case .refused(let refusal): paymentEvent = .refused(refusal)
            case .unanswered: paymentEvent = .unanswered
            case .absent: paymentEvent = .absent
            case .resumed(let process): paymentEvent = .resumed(by: process)
            case .cancelled, .retried, .lapsed, .recall: return nil
            }
            let outcome = try await outcome(.payment(paymentEvent), row)
            // What came in and is not what was asked for.
            if outcome?.isDone == true, case .observed = event { try await tellOfSuspense(row.id) }
            return outcome
        case .dispute, .escrow, .payee, .arrival, .cost: return nil
        }
    }

    /// Submits a step.
    /// - Returns: whether this call did it; a step that somebody else was faster with is not done by this call.
    func submit(
        _ step: LifecycleStep, _ row: LifecycleRow, payment: Payment? = nil
    ) async throws(LedgerFailure) -> Bool {
        try await outcome(step, row, payment: payment)?.isDone ?? false
    }

    private func outcome(
        _ step: LifecycleStep, _ row: LifecycleRow, payment: Payment? = nil
    ) async throws(LedgerFailure) -> Outcome? {
        let command = LifecycleCommands.step(step, of: row, payment: payment)
        let decision = try await ledger.submit([command], atomically: false)[0]
        if case .replayed(let outcome) = decision, outcome.isDone { return nil }
        let outcome = decision.outcome
        if outcome.code == "state_conflict" { return nil }
        if outcome.code == "movement_claimed", case .payment(.observed(let facts)) = step, let movement = facts.movement
        {
            // It is another payment's: this one goes on waiting for its own.
            report(RailReport(.refused, row, "\(movement) names it and paid another"))
            return try await self.outcome(.payment(.disclaimed(movement: movement)), row)
        }
        if !outcome.isDone {
            report(RailReport(.refused, row, String(decoding: outcome.body, as: UTF8.self)))
        }
        return outcome
    }

    /// Holds a failed payout's money once more. Where it is no longer there, that is a failure as the rail's would be.
    func retry(_ row: LifecycleRow) async throws(LedgerFailure) -> Bool {
        guard case .payout(let payout) = row.lifecycle else { return false }
        // Where the payee no longer wants the money, it is not sent again.
        if case .payee(let payee)? = try await ledger.lifecycle(Payee.id(payout.payee))?.row.lifecycle,
            payee.policy(at: clock())?.destination(currency: payout.currency, rail: payout.rail)?.address
                != payout.destination
        {
            return try await submit(row, .cancelled(reason: "the payee has another destination now"))
        }
        guard let outcome = try await outcome(row, .retried) else { return false }
        guard let code = outcome.code else { return true }
        return try await submit(
            row, .refused(RailRefusal(code: code, reason: String(decoding: outcome.body, as: UTF8.self))))
    }

    // MARK: Payments

    func settle(_ row: LifecycleRow) async throws(LedgerFailure) -> Bool {
        guard case .payment(let payment) = row.lifecycle else { return false }
        guard payment.unspentMinor == payment.receivedMinor else {
            let refusal = RailRefusal(
                code: "partly_returned", reason: "a part of it went back before it was settled")
            report(RailReport(.needsAttention, row, refusal.reason))
            return try await submit(.payment(.suspended(refusal)), row)
        }
        switch await settling.settle(payment) {
        case .settled: return true
        case .refused(let refusal):
            report(RailReport(.needsAttention, row, refusal.reason))
            return try await submit(.payment(.suspended(refusal)), row)
        case .later(let reason):
            guard payment.looks < RailTiming.settleTriesMax else {
                let refusal = RailRefusal(code: "settle_unavailable", reason: reason)
                report(RailReport(.needsAttention, row, reason))
                return try await submit(.payment(.suspended(refusal)), row)
            }
            report(RailReport(.stalled, row, reason))
            return try await submit(.payment(.unanswered), row)
        }
    }

    /// Pays the payees of a direct payment on its own rail; who has no destination there, or one where a payout failed
    /// and nothing came of it yet, keeps a balance. So do all where the rail converted the payment: what could be paid
    /// there is in another currency than what they are owed.
    func distribute(_ row: LifecycleRow) async throws(LedgerFailure) -> Bool {
        guard case .payment(let payment) = row.lifecycle else { return false }
        let parts = payment.settledCurrency == nil ? try await settling.parts(ofSettlement: payment.settlementID) : []
        for (index, part) in parts.enumerated() {
            guard case .payee(let payee)? = try await ledger.lifecycle(Payee.id(part.did.string))?.row.lifecycle,
                let policy = payee.policy(at: clock()),
                let destination = policy.destination(currency: payment.currency, rail: payment.rail),
                try await !troubles(of: part.did).contains(destination)
            else { continue }
            let payout = Payout(
                id: Payout.id(of: payment.id, part: index), payee: part.did.string, rail: payment.rail,
                destination: destination.address, amountMinor: part.amountMinor, currency: payment.currency,
                cause: .direct(paymentID: payment.id, source: payment.source), creator: payment.creator,
                nowMs: clock())
            try await open(payout, key: payout.id)
        }
        return try await submit(.payment(.distributed), row)
    }

    /// Takes a lost dispute from the payment's unspent money, else from those who have it, and the rest is the node's.
    func chargeBack(_ row: LifecycleRow) async throws(LedgerFailure) -> Bool {
        guard case .dispute(let dispute) = row.lifecycle,
            let paymentRow = try await ledger.lifecycle(dispute.paymentID),
            case .payment(let payment) = paymentRow.row.lifecycle
        else { return false }
        if payment.unspentMinor > 0 { return try await submit(.chargeBack, row, payment: payment) }
        let settlement = try await ledger.settlement(payment.settlementID)
        let remaining = settlement.map { $0.grossMinor - $0.refundedMinor } ?? 0
        guard remaining > 0 else {
            // The next round finds what this one brought back.
            return try await gather(dispute.contestedMinor, of: paymentRow.row, reason: "", key: "")
                ? try await chargeBack(row) : false
        }
        let outcome = try await settling.takeBack(
            settlement: payment.settlementID, amountMinor: min(dispute.contestedMinor, remaining),
            to: .dispute(id: dispute.id, rail: dispute.rail), reason: "dispute \(dispute.reference) lost",
            key: "\(dispute.id)/charge-back/\(row.version)/\(remaining)")
        if !outcome.isDone {
            report(RailReport(.needsAttention, row, String(decoding: outcome.body, as: UTF8.self)))
        }
        try await recall(payment.id)
        return outcome.isDone
    }

    /// Brings a payment's money back until as much is unspent as is needed: from the balance that it became, from those
    /// whom its settlement paid, and for the rest, which the payer has already, from the node. One step of it.
    /// - Returns: whether a step was made; not while a refund is on its way, which may come back.
    func gather(
        _ neededMinor: Int64, of row: LifecycleRow, reason: String, key: String
    ) async throws(LedgerFailure) -> Bool {
        guard case .payment(let payment) = row.lifecycle, payment.returningMinor == 0 else { return false }
        let short = neededMinor - payment.unspentMinor
        guard short > 0 else { return false }
        let credited = payment.creditedMinor - payment.reclaimedMinor
        if credited > 0 { return try await submit(.payment(.reclaimed(amountMinor: min(short, credited))), row) }
        if let settlement = try await ledger.settlement(payment.settlementID),
            settlement.refundedMinor < settlement.grossMinor
        {
            return try await settling.takeBack(
                settlement: payment.settlementID,
                amountMinor: min(short, settlement.grossMinor - settlement.refundedMinor),
                to: .payment(id: payment.id, rail: payment.rail), reason: reason, key: "\(key)/\(row.version)"
            ).isDone
        }
        report(RailReport(.needsAttention, row, "the node bears \(short) minor units that nobody else is left to"))
        return try await submit(.payment(.absorbed(amountMinor: short)), row)
    }

    // MARK: Payouts

    /// Opens a payout; money that is not there, or is held back, makes none.
    @discardableResult
    public func open(_ payout: Payout, key: String) async throws(LedgerFailure) -> Outcome {
        let owners = [
            OwnerKey(owner: "", currency: payout.currency), OwnerKey(owner: payout.payee, currency: payout.currency),
        ]
        let command = LifecycleCommands.open(
            .openPayout(payout), id: payout.id, owners: owners, caller: LifecycleCommands.node, key: key,
            requestHash: LifecycleCommands.hash("payout", key))
        return try await ledger.submit([command], atomically: false)[0].outcome
    }

    /// Opens the payouts that a payee's schedule asks for, and sets its next time.
    func runPayee(_ row: LifecycleRow) async throws(LedgerFailure) -> Bool {
        guard case .payee(let payee) = row.lifecycle, let did = try? DID(payee.did) else { return false }
        let isScheduled = payee.nextRunAtMs.map { $0 <= clock() } == true
        if isScheduled, let policy = payee.policy(at: clock()) {
            try await payOut(did, policy, cause: .schedule, key: "\(row.id)/\(row.version)")
        }
        return try await submit(.payee(.ran), row)
    }
}

extension Payout {
    fileprivate var isPaid: Bool { status == .paid }
}

extension TransferEvent {
    /// What it means to a payout that was made: what is called then is its taking back. What the rail says of the
    /// payout itself stays what it is.
    fileprivate var ofRecall: TransferEvent {
        switch self {
        case .observed(let facts) where facts.recalled != nil: .recall(.done(facts))
        case .refused(let refusal): .recall(.refused(refusal))
        case .unanswered: .recall(.unanswered)
        case .absent: .recall(.absent)
        case .resumed(let process): .recall(.resumed(by: process))
        case .began, .observed, .lapsed, .retried, .cancelled, .recall: self
        }
    }
}
