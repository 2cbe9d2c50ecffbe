import Cryptography

extension LedgerState {
    mutating func fund(_ order: FundOrder, command: Command, nowMs: Int64) throws(Refusal) -> Outcome {
        var draft = EntryDraft()
        let did = order.did.string
        if order.asCredit {
            let promotions = account(AccountKey(kind: .promotions, currency: order.currency), opening: &draft)
            draft.debit(promotions, order.amountMinor)
            let credit = account(AccountKey(owner: did, kind: .credit, currency: order.currency), opening: &draft)
            draft.credit(credit, order.amountMinor)
        } else {
            let source = account(AccountKey(kind: .devFunding, currency: order.currency), opening: &draft)
            draft.debit(source, order.amountMinor)
            payIn(did, order.currency, order.amountMinor, draft: &draft)
        }
        let cause = EntryCause(
            kind: order.asCredit ? "credit" : "fund", id: order.fundID, requestHash: command.requestHash)
        let entry = try post(draft, cause: cause, nowMs: nowMs)
        return Outcome(status: 201, body: SettlementReply.render(order, entry: entry), reference: order.fundID)
    }

    /// Counts one message and charges for it, in one step: simultaneous first messages pay the curve.
    mutating func chargeGas(_ order: GasOrder, command: Command, nowMs: Int64) throws(Refusal) -> Outcome {
        let key = GasKey(cluster: order.cluster.string, recipient: order.recipient.string)
        let senderKey = GasKey(cluster: order.sender.string, recipient: order.recipient.string)
        let rule = GasRule.holding(sender: gasRules[senderKey] ?? GasRule(), cluster: gasRules[key] ?? GasRule())
        let known = gasTimes[key] ?? []
        guard rule.standing != .blacklisted else { throw .recipientBlocked }
        guard restrictions[order.sender.string]?.isFrozen != true else {
            throw .accountFrozen(order.sender.string)
        }
        let times = known.filter { $0 > nowMs - Gas.windowMs }
        if let most = rule.perDayMax, rule.standing != .whitelisted,
            times.count(where: { $0 > nowMs - CivilDate.msPerDay }) >= most
        {
            throw .recipientRateLimited
        }
        let base = rule.standing == .whitelisted ? 0 : order.baseMinor
        let price: GasPrice
        do {
            let bases = (1...Gas.basesMinor.count).map { $0 == order.tier ? base : 0 }
            price = try Gas.charge(tier: order.tier, bases: bases, alreadySent: times.count)
        } catch {
            throw .amountOverflow
        }
        var entry: EntryRow?
        if price.amountMinor > 0 {
            var draft = EntryDraft()
            _ = try spend(
                price.amountMinor, moving: price.amountMinor, by: order.sender.string, order.currency, draft: &draft)
            draft.credit(account(AccountKey(kind: .gas, currency: order.currency), opening: &draft), price.amountMinor)
            let cause = EntryCause(kind: "gas", id: order.chargeID, requestHash: command.requestHash)
            entry = try post(draft, cause: cause, nowMs: nowMs)
        }
        let timeMs = max(nowMs, times.last ?? nowMs)
        gasTimes[key] = times + [timeMs]
        writes.gasMessages.append(
            GasMessageRow(
                key: key, chargeID: order.chargeID, sender: order.sender.string, timeMs: timeMs,
                amountMinor: price.amountMinor))
        undo?.append { state in
            state.gasTimes[key] = known
            state.writes.gasMessages.removeLast()
        }
        let body = SettlementReply.render(order, price: price, entry: entry)
        return Outcome(status: 201, body: body, reference: order.chargeID)
    }

    mutating func restrict(_ order: RestrictOrder, command: Command, nowMs: Int64) -> Outcome {
        let did = order.did.string
        let before = restrictions[did] ?? Restriction()
        var after = before
        switch order.change {
        case .freeze: after.isFrozen = true
        case .unfreeze: after.isFrozen = false
        case .holdBack(let currency, let amount): after.heldBackMinor[currency] = amount > 0 ? amount : nil
        }
        restrictions[did] = after
        writes.restrictions.append(
            RestrictionRow(order: order, timeMs: nowMs, auditID: "\(command.caller)/\(command.key)"))
        undo?.append { state in
            state.restrictions[did] = before
            state.writes.restrictions.removeLast()
        }
        return Outcome(status: 200, body: SettlementReply.render(order, after: after))
    }
}

extension Gas {
    /// The window in the ledger's unit of time.
    static let windowMs = Int64(windowSeconds) * 1000
}
