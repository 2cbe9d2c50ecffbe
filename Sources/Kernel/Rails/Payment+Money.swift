import Cryptography

extension Payment {
    /// Marks the money as spent by a settlement.
    /// - Throws: `payment_unknown` for anybody but its creator, `payment_mismatch`, `payment_not_received`,
    ///   `payment_already_spent`, `state_conflict` for a split that was made with another fee of the rail.
    mutating func spend(_ order: SettleOrder, by caller: String, nowMs: Int64) throws(Refusal) {
        guard creator == caller else { throw .paymentUnknown(id) }
        guard order.payer.string == payer else { throw .paymentMismatch(id, "it was made for another payer") }
        guard order.currency == currency, order.grossMinor == amountMinor else {
            throw .paymentMismatch(id, "it is over \(amountMinor) minor units of \(currency)")
        }
        if case .settle(let cid) = purpose, cid != order.manifestCID {
            throw .paymentMismatch(id, "its manifest was fixed as \(cid) at checkout")
        }
        switch status {
        case .received: break
        case .settled: throw .paymentSpent(id)
        case .opening, .pending, .failed, .cancelled, .suspended:
            throw .paymentNotReceived(id, status: status.rawValue)
        }
        guard purpose != .topUp else { throw .paymentMismatch(id, "it is a top-up") }
        if let direct, !direct.matches(order) {
            throw .paymentMismatch(id, "its payees were paid as \(direct.settlementID), fixed at checkout")
        }
        guard unspentMinor == receivedMinor else { throw .paymentSpent(id) }
        // Whoever planned the split before the rail's fee was known has to plan it again.
        let railFeeMinor = order.fees.first { $0.kind == .rail }?.amountMinor ?? 0
        guard railFeeMinor == payeesFeeMinor else {
            throw .stateConflict(
                id, status: status.rawValue, event: "a split by a rail's fee of \(railFeeMinor), not \(payeesFeeMinor),"
            )
        }
        (unspentMinor, status, settlementID) = (0, .settled, order.settlementID)
        // Payees of a direct payment get their parts at once.
        dueAtMs = isDirect ? nowMs : nil
    }

    /// Takes back what a refund of its settlement returned, to be sent to the payer.
    mutating func restore(_ amountMinor: Int64) { unspentMinor += amountMinor }

    /// Sets money aside that goes back to the payer.
    /// - Throws: `refund_exceeds_remainder`.
    package mutating func beginReturn(_ amountMinor: Int64) throws(Refusal) {
        guard amountMinor > 0, amountMinor <= unspentMinor else {
            throw .refundExceedsRemainder(remainingMinor: unspentMinor)
        }
        unspentMinor -= amountMinor
        returningMinor += amountMinor
        // What is half returned cannot be settled as it was meant any more.
        if status == .received, unspentMinor < receivedMinor { dueAtMs = nil }
    }

    /// The money went back.
    mutating func endReturn(_ amountMinor: Int64, nowMs: Int64) {
        returningMinor -= amountMinor
        returnedMinor += amountMinor
        resume(nowMs: nowMs)
    }

    /// The money did not go back; it is unspent again.
    package mutating func abandonReturn(_ amountMinor: Int64, nowMs: Int64) {
        returningMinor -= amountMinor
        unspentMinor += amountMinor
        resume(nowMs: nowMs)
    }

    /// A payer's bank took it for good.
    mutating func lose(_ amountMinor: Int64, nowMs: Int64) {
        unspentMinor -= amountMinor
        resume(nowMs: nowMs)
    }

    /// What a bank took for good came back all the same. It goes to whom it was taken from: a payer whose balance it
    /// had become, the node for what it bore, and the rest into suspense, for somebody to give to whom it is owed.
    mutating func regain(_ amountMinor: Int64) -> [Move] {
        var rest = amountMinor
        var moves: [Move] = []
        let own = min(rest, purpose == .topUp ? reclaimedMinor : 0)
        if own > 0 {
            reclaimedMinor -= own
            moves.append(.payIn(creditedDID, currency: currency, own))
            rest -= own
        }
        let borne = min(absorbedMinor, rest)
        rest -= borne
        if borne > 0 {
            absorbedMinor -= borne
            moves.append(.credit(.railFees(rail, currency), borne))
        }
        guard rest > 0 else { return moves }
        unspentMinor += rest
        (status, dueAtMs) = (.suspended, nil)
        refusal = RailRefusal(
            code: "dispute_reinstated", reason: "the bank gave back what had been charged back to its payees")
        return moves + [.credit(home, rest)]
    }

    /// The money went back and returned.
    mutating func undoReturn(_ amountMinor: Int64, nowMs: Int64) {
        returnedMinor -= amountMinor
        unspentMinor += amountMinor
        resume(nowMs: nowMs)
    }

    /// What was to settle by itself is looked at again when nothing of it is on its way any more: whole, it settles; in
    /// part, it goes to suspense; gone, nothing is left to do.
    private mutating func resume(nowMs: Int64) {
        guard status == .received, case .settle = purpose else { return }
        dueAtMs = returningMinor == 0 && unspentMinor > 0 ? nowMs : nil
    }
}
