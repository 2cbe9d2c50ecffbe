import Kernel

extension Lifecycle {
    /// Why facts cannot be this lifecycle's; `nil`: they may be.
    func contradiction(_ facts: RailFacts) -> String? {
        guard case .payment(let payment) = self, let currency = facts.currency, currency != payment.currency else {
            return nil
        }
        return "\(facts.reference) was paid in \(currency), and \(payment.currency) was asked for"
    }

    /// Attempts that ended without a result.
    var lapses: Int {
        if case .payout(let payout) = self { payout.tries - payout.failures } else { 0 }
    }

    /// The attempt whose call an outcome or an answer is of: of a payout that was made, to take it back.
    var call: RailAttempt? {
        if case .payout(let payout) = self, payout.status == .paid { payout.recall?.attempt } else { attempt }
    }

    /// Whether a call of this reference has ended here already: the payout's own where it was made, and the last to
    /// take it back.
    func hasSeen(_ reference: String) -> Bool {
        guard case .payout(let payout) = self else { return false }
        if let recall = payout.recall, recall.reference(of: payout.id) == reference { return true }
        return payout.status == .paid && payout.attempt?.reference == reference
    }

    /// How often in a row the rail could not be called.
    var waits: Int {
        if case .payout(let payout) = self { payout.waits ?? 0 } else { 0 }
    }

    /// Whether the rail was called, and nothing certain is known of it yet.
    var isCalled: Bool {
        switch self {
        case .payment(let payment): payment.status == .opening && payment.attempt != nil
        case .payout(let payout):
            payout.status == .sending || payout.status == .paid && payout.recall?.attempt != nil
        case .refund(let refund): refund.status == .sending
        case .dispute, .escrow, .payee, .arrival, .cost: false
        }
    }

    /// Whether a process is in the call.
    var isCalling: Bool {
        guard isCalled, let attempt = call else { return false }
        return !attempt.isAbsent && attempt.asked == 0
    }

    /// Whether the rail has never said that it has it, or may lose it again.
    func mayBeAbsent(lapses: Bool) -> Bool {
        if lapses, case .payout(let payout) = self, payout.status == .sent { return true }
        return isCalled
    }
}

extension RailOutcome {
    /// Whether money moved, or may have.
    var moved: Bool {
        switch self {
        case .done, .pending: true
        case .failed, .refused, .lapsed, .unknown: false
        }
    }
}
