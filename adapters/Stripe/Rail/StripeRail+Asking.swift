import Kernel
import Settlement

extension StripeRail {
    /// Looks an instruction up at Stripe, by Stripe's name for it where that is known, else by our reference.
    func lookUp(_ instruction: RailInstruction, reference: String) async -> RailAnswer {
        switch instruction {
        case .collect(let collect):
            await answer { () async throws(StripeReadError) in
                guard let session = try await reader.session(collect, reference: reference) else { return nil }
                return try await reader.payment(of: session)
            } facts: { (payment: StripePayment) throws(StripeAmountError) in
                try StripeFacts.payment(payment)
            }
        case .payOut(let payOut):
            await answer { () async throws(StripeReadError) in
                try await reader.transfer(payOut, reference: reference)
            } facts: { (transfer: StripeTransfer) throws(StripeAmountError) in
                try StripeFacts.transfer(transfer)
            }
        case .refund(let refund):
            await answer { () async throws(StripeReadError) in
                guard let found = try await reader.refund(refund, reference: reference) else { return nil }
                return Settled(found, try await reader.lines(of: found))
            } facts: { (settled: Settled) throws(StripeAmountError) in
                try StripeFacts.refund(settled.refund, line: settled.line, back: settled.back)
            }
        case .recall(let recall):
            await answer { () async throws(StripeReadError) in
                try await reader.transfer(takenBackBy: recall)
            } facts: { (transfer: StripeTransfer) throws(StripeAmountError) in
                try StripeFacts.transfer(transfer, recalled: recall.reference)
            }
        }
    }

    /// A refund, what it did to our balance, and what undid that.
    struct Settled: Sendable {
        let refund: StripeRefund
        let line: StripeBalanceTransaction?
        let back: StripeBalanceTransaction?

        init(_ refund: StripeRefund, _ lines: (line: StripeBalanceTransaction?, back: StripeBalanceTransaction?)) {
            self.refund = refund
            (line, back) = lines
        }
    }

    /// Reads something, and says what it means. What cannot be read or understood is unknown, never absent.
    func answer<Object: Sendable>(
        _ read: () async throws(StripeReadError) -> Object?,
        facts: (Object) throws(StripeAmountError) -> RailFacts
    ) async -> RailAnswer {
        let object: Object?
        do throws(StripeReadError) {
            object = try await read()
        } catch {
            return .unknown(error.description)
        }
        guard let object else { return .absent }
        do throws(StripeAmountError) {
            return .found(try facts(object))
        } catch {
            return .unknown("\(error.code): \(error.reason)")
        }
    }

    /// How far facts go. A transfer that was taken back has failed, and its taking back is done.
    func outcome(_ facts: RailFacts, of instruction: RailInstruction) -> RailOutcome {
        if case .recall = instruction { return .done(facts) }
        return switch facts.standing {
        case .done: .done(facts)
        case .pending: .pending(facts)
        case .failed: .failed(facts)
        case .cancelled: .refused(RailRefusal(code: "rail_cancelled", reason: "it was cancelled at Stripe"))
        }
    }
}

extension PayOutInstruction {
    /// By what the transfer is grouped: the payment that it is drawn on, or itself.
    var group: String { drawnOn?.paymentID ?? payoutID }
}
