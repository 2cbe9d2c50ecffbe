extension Lifecycle {
    /// Whether facts of a rail would change nothing but the time of the next look: what is told again costs no entry.
    public func isOldNews(_ facts: RailFacts, nowMs: Int64) -> Bool {
        switch self {
        case .payment(var payment):
            let before = payment
            guard let moves = try? payment.apply(.observed(facts), nowMs: nowMs) else { return true }
            (payment.looks, payment.dueAtMs) = (before.looks, before.dueAtMs)
            return moves.isEmpty && payment == before
        case .payout(var payout):
            let before = payout
            guard let moves = try? payout.apply(.observed(facts), nowMs: nowMs) else { return true }
            (payout.attempt, payout.dueAtMs) = (before.attempt, before.dueAtMs)
            return moves.isEmpty && payout == before
        case .refund(let refund):
            switch (refund.status, facts.standing) {
            case (.done, .failed): return false
            case (.done, _), (.failed, _): return true
            case (.sent, .pending): return refund.reference == facts.reference
            default: return false
            }
        case .dispute, .escrow, .payee, .arrival, .cost: return true
        }
    }

    /// Whether facts of a dispute would change nothing.
    public func isOldNews(_ facts: DisputeFacts) -> Bool {
        guard case .dispute(var dispute) = self else { return true }
        let before = dispute
        let moves = dispute.observe(facts, nowMs: 0).moves
        dispute.dueAtMs = before.dueAtMs
        return moves.isEmpty && dispute == before
    }
}
