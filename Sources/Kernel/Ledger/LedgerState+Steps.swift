import Cryptography

/// What a step of a lifecycle comes to.
struct LifecycleChange {
    /// The entry's cause.
    var name: String
    /// Why, for people: a reason or a code.
    var note = ""
    /// What moves.
    var moves: [Move] = []
    /// What changed, the lifecycle itself first.
    var changed: [Lifecycle]
}

extension LedgerState {
    /// Decides a step.
    func step(
        _ order: LifecycleOrder, _ current: Lifecycle?, nowMs: Int64
    ) throws(Refusal) -> LifecycleChange {
        switch order.step {
        case .openPayment(var payment):
            try requireAbsent(order, current)
            payment.dueAtMs = nowMs
            return LifecycleChange(name: "payment_opened", changed: [.payment(payment)])
        case .payment(let event):
            guard case .payment(var payment)? = current else { throw .paymentUnknown(order.id) }
            let wasReceived = payment.receivedMinor > 0
            let moves = try payment.apply(event, nowMs: nowMs)
            var changed: [Lifecycle] = [.payment(payment)]
            if case .observed(let facts) = event, let movement = facts.movement, !wasReceived,
                payment.receivedMinor > 0
            {
                changed.append(.arrival(try claim(movement, for: payment, order)))
            }
            return LifecycleChange(
                name: event.name(leaving: payment), note: payment.refusal?.code ?? "", moves: moves, changed: changed)
        case .openRefund, .refund: return try refundStep(order, current, nowMs: nowMs)
        case .openPayout, .payout: return try payoutStep(order, current, nowMs: nowMs)
        case .dispute, .chargeBack: return try disputeStep(order, current, nowMs: nowMs)
        case .postponed: return try postpone(order, current, nowMs: nowMs)
        case .openEscrow, .escrow: return try escrowStep(order, current, nowMs: nowMs)
        case .payee(let event):
            var payee = Payee(did: String(order.id.dropFirst(Payee.id("").count)))
            if case .payee(let known)? = current { payee = known }
            payee.apply(event, nowMs: nowMs)
            return LifecycleChange(name: event.name, changed: [.payee(payee)])
        case .cost(let cost):
            try requireAbsent(order, current)
            return LifecycleChange(
                name: RailCost.eventName, note: cost.reason, moves: cost.moves, changed: [.cost(cost)])
        }
    }

    /// A movement for the payment that it paid.
    /// - Throws: `movement_claimed` where it paid another.
    private func claim(
        _ movement: String, for payment: Payment, _ order: LifecycleOrder
    ) throws(Refusal) -> Arrival {
        let arrival = Arrival(of: payment, by: movement)
        guard order.related.contains(arrival.id), let known = lifecycles[arrival.id] else {
            throw .stateConflict(order.id, status: "waiting", event: "a step that does not name \(arrival.id)")
        }
        guard known == nil else { throw .movementClaimed(movement) }
        return arrival
    }

    private func requireAbsent(_ order: LifecycleOrder, _ current: Lifecycle?) throws(Refusal) {
        if let current { throw .stateConflict(order.id, status: current.facts.status, event: "making it again") }
    }

    private func payment(of order: LifecycleOrder) throws(Refusal) -> Payment {
        for id in order.related {
            if case .payment(let payment)? = (lifecycles[id] ?? nil)?.lifecycle { return payment }
        }
        throw .paymentUnknown(order.related.first ?? order.id)
    }

    // MARK: Refunds

    private func refundStep(
        _ order: LifecycleOrder, _ current: Lifecycle?, nowMs: Int64
    ) throws(Refusal) -> LifecycleChange {
        var payment = try payment(of: order)
        switch (order.step, current) {
        case (.openRefund(let amount, let reason, let creator, let done), _):
            try requireAbsent(order, current)
            var refund = RailRefund(
                id: order.id, payment: payment, creator: creator, amountMinor: amount ?? payment.unspentMinor,
                reason: reason, nowMs: nowMs)
            let moves = try refund.open(done: done, payment: &payment, nowMs: nowMs)
            return LifecycleChange(
                name: "rail_refund_opened", note: reason, moves: moves, changed: [.refund(refund), .payment(payment)])
        case (.refund(let event), .refund(var refund)?):
            guard refund.paymentID == payment.id else { throw .paymentUnknown(payment.id) }
            let moves = try refund.apply(event, payment: &payment, nowMs: nowMs)
            let changed: [Lifecycle] = moves.isEmpty ? [.refund(refund)] : [.refund(refund), .payment(payment)]
            return LifecycleChange(
                name: event.name(.refund, status: refund.status.rawValue), note: refund.refusal?.code ?? "",
                moves: moves, changed: changed)
        default: throw .lifecycleUnknown(order.id)
        }
    }

    /// The refund of a settlement that a payment funded: what payees gave back goes to the payer by the rail, or stays
    /// with the bank that took it.
    mutating func send(
        _ amountMinor: Int64, _ order: RefundOrder, by caller: String, nowMs: Int64, draft: inout EntryDraft
    ) throws(Refusal) -> [Lifecycle] {
        switch order.destination {
        case .balance: return []
        case .rail(let refundID, let paymentID, _):
            guard case .payment(var payment)? = (lifecycles[paymentID] ?? nil)?.lifecycle,
                payment.settlementID == order.settlementID
            else { throw .paymentUnknown(paymentID) }
            guard payment.direct == nil else { throw .refundNeedsPayee(payment.id) }
            draft.credit(account(payment.home, opening: &draft), amountMinor)
            payment.restore(amountMinor)
            var refund = RailRefund(
                id: refundID, payment: payment, creator: caller, amountMinor: amountMinor, reason: order.reason,
                nowMs: nowMs)
            for move in try refund.open(done: nil, payment: &payment, nowMs: nowMs) { add(move, &draft) }
            return [.refund(refund), .payment(payment)]
        case .payment(let id, _):
            guard case .payment(var payment)? = (lifecycles[id] ?? nil)?.lifecycle,
                payment.settlementID == order.settlementID
            else { throw .paymentUnknown(id) }
            guard payment.direct == nil else { throw .refundNeedsPayee(payment.id) }
            draft.credit(account(payment.home, opening: &draft), amountMinor)
            payment.restore(amountMinor)
            return [.payment(payment)]
        case .dispute(let id, let rail):
            guard case .dispute(var dispute)? = (lifecycles[id] ?? nil)?.lifecycle, dispute.rail == rail else {
                throw .lifecycleUnknown(id)
            }
            guard dispute.status == .lost, amountMinor <= dispute.contestedMinor else {
                throw .stateConflict(id, status: dispute.status.rawValue, event: "charging \(amountMinor) back")
            }
            draft.credit(account(.disputed(rail, order.currency), opening: &draft), amountMinor)
            dispute.chargeBack(amountMinor, isOwed: true)
            return [.dispute(dispute)]
        }
    }

    // MARK: Payouts

    private func payoutStep(
        _ order: LifecycleOrder, _ current: Lifecycle?, nowMs: Int64
    ) throws(Refusal) -> LifecycleChange {
        switch (order.step, current) {
        case (.openPayout(let payout), _):
            try requireAbsent(order, current)
            try requireCash(payout)
            return LifecycleChange(name: "payout_opened", moves: payout.opening(), changed: [.payout(payout)])
        case (.payout(let event), .payout(var payout)?):
            if case .began = event, restrictions[payout.payee]?.isFrozen == true {
                throw .accountFrozen(payout.payee)
            }
            if case .retried = event { try requireCash(payout) }
            let wasPaid = payout.status == .paid
            let moves = try payout.apply(event, nowMs: nowMs)
            let isReturn = wasPaid && payout.status == .paid && event.isOfRail
            return LifecycleChange(
                name: isReturn ? "payout_returned" : event.name(.payout, status: payout.status.rawValue),
                note: payout.refusal?.code ?? payout.recall?.refusal?.code ?? "", moves: moves,
                changed: [.payout(payout)])
        default: throw .lifecycleUnknown(order.id)
        }
    }

    /// Only cash that no hold and no operator holds back can be paid out.
    private func requireCash(_ payout: Payout) throws(Refusal) {
        let restriction = restrictions[payout.payee]
        guard restriction?.isFrozen != true else { throw .accountFrozen(payout.payee) }
        guard let slot = owners[OwnerKey(owner: payout.payee, currency: payout.currency)] else {
            throw .stateConflict(payout.id, status: "waiting", event: "a step that names too few accounts")
        }
        func available(_ kind: AccountKind) -> Int64 {
            max(existing(slot, kind).map { accounts[$0].availableMinor } ?? 0, 0)
        }
        let heldBack = Int128(restriction?.heldBackMinor[payout.currency] ?? 0)
        let (cash, credit) = (available(.cash), available(.credit))
        guard Int128(cash) - heldBack >= Int128(payout.amountMinor) else {
            if heldBack == 0, Int128(cash) + Int128(credit) >= Int128(payout.amountMinor) {
                throw .creditNotWithdrawable(cashMinor: cash, currency: payout.currency)
            }
            throw .insufficientFunds(neededMinor: payout.amountMinor, currency: payout.currency)
        }
    }

    // MARK: Disputes

    private func disputeStep(
        _ order: LifecycleOrder, _ current: Lifecycle?, nowMs: Int64
    ) throws(Refusal) -> LifecycleChange {
        var payment = try payment(of: order)
        switch (order.step, current) {
        case (.dispute(let facts), _):
            var dispute = Dispute(id: order.id, payment: payment, reference: facts.reference)
            if case .dispute(let known)? = current { dispute = known }
            let before = dispute.status
            var (moves, regained) = dispute.observe(facts, nowMs: nowMs)
            var changed = [Lifecycle.dispute(dispute)]
            if regained > 0 {
                moves += [.debit(.disputed(dispute.rail, dispute.currency), regained)] + payment.regain(regained)
                changed.append(.payment(payment))
            }
            let name =
                current == nil ? "opened" : before == dispute.status ? "updated" : dispute.status.rawValue
            return LifecycleChange(name: "dispute_\(name)", note: dispute.reason, moves: moves, changed: changed)
        case (.chargeBack, .dispute(var dispute)?):
            let amount = min(payment.unspentMinor, dispute.contestedMinor)
            guard dispute.status == .lost, amount > 0 else {
                throw .stateConflict(order.id, status: dispute.status.rawValue, event: "dispute_charged_back")
            }
            let home = payment.home
            payment.lose(amount, nowMs: nowMs)
            dispute.chargeBack(amount, isOwed: false)
            return LifecycleChange(
                name: "dispute_charged_back",
                moves: Move.transfer(amount, from: home, to: .disputed(dispute.rail, dispute.currency)),
                changed: [.dispute(dispute), .payment(payment)])
        default: throw .lifecycleUnknown(order.id)
        }
    }

    /// Sets a later time for what could not be done now, so that it keeps nothing else waiting; none where all is done.
    private func postpone(
        _ order: LifecycleOrder, _ current: Lifecycle?, nowMs: Int64
    ) throws(Refusal) -> LifecycleChange {
        let laterMs = nowMs + RailTiming.postponedMs
        switch current {
        case .dispute(var dispute)?:
            // Nothing is left to charge back: what is owed was asked for.
            let isOver = dispute.contestedMinor == 0
            dispute.dueAtMs = isOver ? nil : laterMs
            return LifecycleChange(
                name: isOver ? "dispute_recalled" : "dispute_postponed", changed: [.dispute(dispute)])
        case .escrow(var escrow)?:
            escrow.postponedToMs = laterMs
            return LifecycleChange(name: "escrow_postponed", changed: [.escrow(escrow)])
        default: throw .lifecycleUnknown(order.id)
        }
    }

    // MARK: Escrow

    private func escrowStep(
        _ order: LifecycleOrder, _ current: Lifecycle?, nowMs: Int64
    ) throws(Refusal) -> LifecycleChange {
        switch (order.step, current) {
        case (.openEscrow(let escrow), _):
            try requireAbsent(order, current)
            let (opened, moves) = try capture(escrow)
            return LifecycleChange(name: "escrow_opened", note: escrow.memo, moves: moves, changed: [.escrow(opened)])
        case (.escrow(let event), .escrow(var escrow)?):
            if case .released = event, restrictions[escrow.payer]?.isFrozen == true {
                throw .accountFrozen(escrow.payer)
            }
            let moves = try escrow.apply(event, nowMs: nowMs)
            return LifecycleChange(name: event.name, moves: moves, changed: [.escrow(escrow)])
        default: throw .lifecycleUnknown(order.id)
        }
    }

    /// Takes the money from the payer's balance, credit first.
    private func capture(_ escrow: Escrow) throws(Refusal) -> (Escrow, [Move]) {
        guard restrictions[escrow.payer]?.isFrozen != true else { throw .accountFrozen(escrow.payer) }
        guard owners[OwnerKey(owner: escrow.payer, currency: escrow.currency)] != nil else {
            throw .stateConflict(escrow.id, status: "waiting", event: "a step that names too few accounts")
        }
        let credit = try spendable(escrow.amountMinor, by: escrow.payer, escrow.currency)
        let opened = Escrow(
            id: escrow.id, payer: escrow.payer, payee: escrow.payee, arbiter: escrow.arbiter, creator: escrow.creator,
            amountMinor: escrow.amountMinor, creditMinor: credit, currency: escrow.currency,
            releaseAfterMs: escrow.releaseAfterMs, memo: escrow.memo)
        var moves: [Move] = [.credit(.escrow(escrow.payer, escrow.currency), escrow.amountMinor)]
        if credit > 0 { moves.append(.debit(.credit(escrow.payer, escrow.currency), credit)) }
        let cash = escrow.amountMinor - credit
        if cash > 0 { moves.append(.debit(.cash(escrow.payer, escrow.currency), cash)) }
        return (opened, moves)
    }
}
