import Kernel
import Settlement

extension StripeRail {
    /// Sends a stored call under a key, and reads what it made.
    func send(_ call: StripeCall, key: String, _ instruction: RailInstruction) async -> RailOutcome {
        switch instruction {
        case .collect:
            let outcome = await client.write(call, idempotencyKey: key, as: StripeCheckoutSession.self)
            return await result(outcome, of: instruction) { (session: StripeCheckoutSession) async in
                await answer { () async throws(StripeReadError) in
                    try await reader.payment(of: session)
                } facts: { (payment: StripePayment) throws(StripeAmountError) in
                    try StripeFacts.payment(payment)
                }
            }
        case .payOut:
            let outcome = await client.write(call, idempotencyKey: key, as: StripeTransfer.self)
            return await result(outcome, of: instruction) { (transfer: StripeTransfer) async in
                await answer { () async throws(StripeReadError) in
                    transfer
                } facts: { (transfer: StripeTransfer) throws(StripeAmountError) in
                    try StripeFacts.transfer(transfer)
                }
            }
        case .refund:
            let outcome = await client.write(call, idempotencyKey: key, as: StripeRefund.self)
            return await result(outcome, of: instruction) { (refund: StripeRefund) async in
                await answer { () async throws(StripeReadError) in
                    Settled(refund, try await reader.lines(of: refund))
                } facts: { (settled: Settled) throws(StripeAmountError) in
                    try StripeFacts.refund(settled.refund, line: settled.line, back: settled.back)
                }
            }
        case .recall:
            let outcome = await client.write(call, idempotencyKey: key, as: StripeTransferReversal.self)
            return await result(outcome, of: instruction) { (reversal: StripeTransferReversal) async in
                await answer { () async throws(StripeReadError) in
                    try await client.read(.transfer(reversal.transfer), as: StripeTransfer.self)
                } facts: { (transfer: StripeTransfer) throws(StripeAmountError) in
                    try StripeFacts.transfer(transfer, recalled: instruction.reference)
                }
            }
        }
    }

    private func result<Object: Sendable>(
        _ outcome: StripeOutcome<Object>, of instruction: RailInstruction, read: (Object) async -> RailAnswer
    ) async -> RailOutcome {
        switch outcome {
        case .done(let object, let receipt):
            // The answer of an earlier call says how it was then, not how it is: fetching says that.
            switch await read(object) {
            case .found(let facts): return self.outcome(facts, of: instruction)
            case .absent:
                return .unknown("stripe: an answer without an object (\(receipt.requestID ?? "no request id"))")
            case .unknown(let why): return .unknown(why)
            }
        case .refused(let refusal):
            // Transfers at the same moment saw the same balance: the money for this one comes, and nobody is at fault.
            if case .payOut(let payOut) = instruction, payOut.drawnOn == nil, refusal.isBalanceInsufficient {
                return .lapsed("stripe: the balance did not hold \(payOut.amountMinor) of \(payOut.currency)")
            }
            return .refused(Self.refusal(refusal))
        case .notCarriedOut(let failure), .unknown(let failure): return .unknown(failure.description)
        }
    }

    /// Stripe's refusal in our words. Stripe's own stand in the reason, without secrets.
    static func refusal(_ refusal: StripeRefusal) -> RailRefusal {
        let isDestination =
            refusal.parameter == "destination" || refusal.stripeCode == "account_invalid"
            || refusal.stripeCode == "insufficient_capabilities_for_transfer"
        let code: String =
            switch refusal.stripeCode {
            case "balance_insufficient", "insufficient_funds": "rail_balance_insufficient"
            case "amount_too_small": "amount_below_minimum"
            case "amount_too_large": "amount_above_maximum"
            case "charge_already_refunded": "refund_exceeds_payment"
            default: isDestination ? "destination_not_payable" : "rail_declined"
            }
        return RailRefusal(code: code, reason: "Stripe refused it: \(refusal.message)")
    }
}
