public import Kernel

/// What the node does next for a lifecycle. Pure: the same row gives the same task.
public enum RailTask: Hashable, Sendable {
    /// Prepare the instruction, store that the call begins, and call.
    case begin(RailInstruction)
    /// Store that the call begins once more, and make it: the rail never accepted it.
    case resume(RailInstruction, prepared: [UInt8])
    /// Ask the rail what became of it.
    case ask(RailInstruction, prepared: [UInt8], reference: String)
    /// Nobody paid in time: have the rail give it up.
    case giveUp(RailInstruction, reference: String)
    /// The money is here: settle it as it was meant.
    case settle
    /// Make the payouts of a direct payment.
    case distribute
    /// Hold a failed payout's money once more.
    case retry
    /// Take a lost dispute from those who had the money.
    case chargeBack
    /// Take back at the rail what payees owe since a dispute was lost.
    case recall
    /// An escrow's time has come.
    case release
    /// A payee's time has come.
    case runPayee
    /// Nothing.
    case none

    /// The task of a row that is due.
    public static func next(for row: LifecycleRow, nowMs: Int64) -> RailTask {
        guard let dueAtMs = row.lifecycle.facts.dueAtMs, dueAtMs <= nowMs else { return .none }
        switch row.lifecycle {
        case .payment(let payment): return next(for: payment, nowMs: nowMs)
        case .payout(let payout): return next(for: payout, nowMs: nowMs)
        case .refund(let refund):
            return next(
                .refund(.init(refund, nowMs: nowMs)), refund.attempt, refund.reference,
                isHeld: refund.status == .held)
        case .dispute(let dispute):
            guard dispute.status == .lost else { return .none }
            return dispute.contestedMinor > 0 ? .chargeBack : .recall
        case .escrow: return .release
        case .payee: return .runPayee
        case .arrival, .cost: return .none
        }
    }

    private static func next(for payout: Payout, nowMs: Int64) -> RailTask {
        switch payout.status {
        case .failed: return .retry
        case .paid:
            let attempt = payout.recall?.attempt
            guard attempt != nil || payout.toRecallMinor > 0 else { return .none }
            return next(
                .recall(.init(payout, nowMs: nowMs)), attempt, payout.reference, isHeld: attempt == nil)
        case .held, .sending, .sent, .stopped, .cancelled:
            return next(
                .payOut(.init(payout, nowMs: nowMs)), payout.attempt, payout.reference,
                isHeld: payout.status == .held)
        }
    }

    private static func next(for payment: Payment, nowMs: Int64) -> RailTask {
        let instruction = RailInstruction.collect(.init(payment, nowMs: nowMs))
        switch payment.status {
        case .opening:
            return next(instruction, payment.attempt, payment.reference, isHeld: payment.attempt == nil)
        case .pending:
            return payment.expiresAtMs <= nowMs
                ? .giveUp(instruction, reference: payment.reference)
                : .ask(instruction, prepared: payment.attempt?.prepared ?? [], reference: payment.reference)
        case .received: return .settle
        case .settled: return payment.isDirect ? .distribute : .none
        case .failed, .cancelled, .suspended: return .none
        }
    }

    private static func next(
        _ instruction: RailInstruction, _ attempt: RailAttempt?, _ reference: String, isHeld: Bool
    ) -> RailTask {
        guard !isHeld, let attempt else { return .begin(instruction) }
        return attempt.isAbsent
            ? .resume(instruction, prepared: attempt.prepared)
            : .ask(instruction, prepared: attempt.prepared, reference: reference)
    }
}

extension CollectInstruction {
    /// The instruction of a payment's only attempt.
    package init(_ payment: Payment, nowMs: Int64) {
        self.init(
            reference: payment.attempt?.reference ?? "\(payment.id)-1", paymentID: payment.id,
            amountMinor: payment.chargedMinor, currency: payment.currency,
            description: "\(payment.service) \(payment.type)", successURL: payment.successURL,
            cancelURL: payment.cancelURL, expiresAtMs: payment.expiresAtMs,
            beganAtMs: payment.attempt?.beganAtMs ?? nowMs, direct: payment.direct,
            disclaimed: payment.disclaimed ?? [])
    }
}

extension PayOutInstruction {
    /// The instruction of a payout's current attempt, or of the next one.
    init(_ payout: Payout, nowMs: Int64) {
        var drawnOn: PaymentSource?
        if case .direct(let paymentID, let source) = payout.cause {
            drawnOn = PaymentSource(paymentID: paymentID, source: source)
        }
        self.init(
            reference: payout.attempt?.reference ?? "\(payout.id)-\(payout.tries + 1)", payoutID: payout.id,
            amountMinor: payout.amountMinor, currency: payout.currency, destination: payout.destination,
            payee: payout.payee, drawnOn: drawnOn, beganAtMs: payout.attempt?.beganAtMs ?? nowMs)
    }
}

extension RecallInstruction {
    /// The instruction of the attempt under way to take a payout back, or of the next one.
    init(_ payout: Payout, nowMs: Int64) {
        let attempt = payout.recall?.attempt
        self.init(
            reference: attempt?.reference ?? "\(payout.id)-back-\((payout.recall?.tries ?? 0) + 1)",
            payoutID: payout.id, payoutReference: payout.reference,
            amountMinor: attempt == nil ? payout.toRecallMinor : payout.recall?.amountMinor ?? 0,
            currency: payout.currency, beganAtMs: attempt?.beganAtMs ?? nowMs)
    }
}

extension RefundInstruction {
    /// The instruction of a refund's only attempt.
    init(_ refund: RailRefund, nowMs: Int64) {
        self.init(
            reference: refund.attempt?.reference ?? "\(refund.id)-1", refundID: refund.id,
            paymentID: refund.paymentID, paymentReference: refund.paymentReference, amountMinor: refund.amountMinor,
            currency: refund.currency, beganAtMs: refund.attempt?.beganAtMs ?? nowMs)
    }
}
