import Cryptography

extension LedgerState {
    mutating func hold(_ order: HoldOrder, command: Command, nowMs: Int64) throws(Refusal) -> Outcome {
        if (holds[order.holdID] ?? nil) != nil { throw .holdResolved(order.holdID) }
        let owner = order.from.owner
        if !owner.isEmpty, let restriction = restrictions[owner] {
            guard !restriction.isFrozen else { throw .accountFrozen(owner) }
            try checkHeldBack(order, restriction)
        }
        guard order.expiresAtMs.map({ $0 > nowMs }) ?? true else { throw .holdExpired(order.holdID) }
        var draft = EntryDraft()
        draft.pendingDebit(account(order.from, opening: &draft), order.amountMinor)
        draft.pendingCredit(account(order.to, opening: &draft), order.amountMinor)
        let cause = EntryCause(kind: "hold", id: order.holdID, requestHash: command.requestHash)
        let entry = try post(draft, cause: cause, nowMs: nowMs)
        let row = HoldRow(
            holdID: order.holdID, from: order.from, to: order.to, amountMinor: order.amountMinor,
            expiresAtMs: order.expiresAtMs, status: .pending, postedMinor: 0, madeSeq: entry.seq, endedSeq: 0)
        keep(row, before: nil)
        return Outcome(status: 201, body: SettlementReply.render(row, entry: entry), reference: order.holdID)
    }

    mutating func resolveHold(
        _ order: ResolveHoldOrder, command: Command, nowMs: Int64
    ) throws(Refusal) -> Outcome {
        guard let before = holds[order.holdID] ?? nil else { throw .holdUnknown(order.holdID) }
        guard before.status == .pending else {
            throw before.status == .expired ? .holdExpired(order.holdID) : .holdResolved(order.holdID)
        }
        precondition(before.from == order.from && before.to == order.to, "a hold's accounts do not change")
        let isOver = before.expiresAtMs.map { $0 <= nowMs } ?? false
        var row = before
        let kind: String
        switch order.resolution {
        case .post(let amount):
            guard !isOver else { throw .holdExpired(order.holdID) }
            row.postedMinor = amount ?? before.amountMinor
            guard row.postedMinor > 0, row.postedMinor <= before.amountMinor else {
                throw .holdExceeded(heldMinor: before.amountMinor)
            }
            row.status = .posted
            kind = "hold_post"
        case .void:
            row.status = .voided
            kind = "hold_void"
        case .expire:
            guard isOver else { throw .holdNotDue(order.holdID) }
            row.status = .expired
            kind = "hold_expire"
        }
        var draft = EntryDraft()
        let from = account(row.from, opening: &draft)
        let to = account(row.to, opening: &draft)
        draft.pendingDebit(from, -row.amountMinor)
        draft.pendingCredit(to, -row.amountMinor)
        if row.postedMinor > 0 {
            draft.debit(from, row.postedMinor)
            if row.to.kind == .cash, !row.to.owner.isEmpty {
                payIn(row.to.owner, row.to.currency, row.postedMinor, draft: &draft)
            } else {
                draft.credit(to, row.postedMinor)
            }
        }
        let cause = EntryCause(kind: kind, id: order.holdID, requestHash: command.requestHash)
        let entry = try post(draft, cause: cause, nowMs: nowMs)
        row.endedSeq = entry.seq
        keep(row, before: before)
        return Outcome(status: 200, body: SettlementReply.render(row, entry: entry), reference: order.holdID)
    }

    private func checkHeldBack(_ order: HoldOrder, _ restriction: Restriction) throws(Refusal) {
        let heldBack = restriction.heldBackMinor[order.from.currency] ?? 0
        guard heldBack > 0,
            let index = existing(
                slot(order.from.owner, order.from.currency), order.from.kind, order.from.detail)
        else { return }
        let (left, overflow) = accounts[index].availableMinor.subtractingReportingOverflow(heldBack)
        guard !overflow, left >= order.amountMinor else {
            throw .insufficientFunds(neededMinor: order.amountMinor, currency: order.from.currency)
        }
    }

    private mutating func keep(_ row: HoldRow, before: HoldRow?) {
        holds[row.holdID] = row
        writes.holds.append(row)
        undo?.append { state in
            state.holds[row.holdID] = .some(before)
            state.writes.holds.removeLast()
        }
    }
}
