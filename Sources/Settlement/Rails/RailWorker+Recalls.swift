import Cryptography
import Kernel

/// What payees were paid of a payment on the rail itself, and owe since it was refunded, is taken back there with the
/// refund, where the rail can.
extension RailWorker {
    /// Payees of one refund that are asked, the largest parts first: some seconds of calls. The others go on owing.
    static let recallsMax = 100

    /// A refund with what is taken back first: of each payee no more than it owes, and no more of its part than was
    /// refunded. While another refund of the payment is under way nothing is: what that one takes is not known yet.
    func withRecalls(
        _ instruction: RailInstruction, _ rail: any Rail
    ) async throws(LedgerFailure) -> RailInstruction {
        guard case .refund(var refund) = instruction, rail.capabilities.contains(.recall),
            case .payment(let payment)? = try await ledger.lifecycle(refund.paymentID)?.row.lifecycle,
            payment.isDirect, let settlement = try await ledger.settlement(payment.settlementID),
            settlement.refundedMinor > 0
        else { return instruction }
        var others = LifecycleFilter(kind: .refund, limit: 1)
        others.parent = payment.id
        others.statuses = [RailRefund.Status.sending, .sent].map(\.rawValue)
        guard try await ledger.lifecycles(others).isEmpty else { return instruction }
        var owed: [String: Int64] = [:]
        for (index, part) in try await settling.parts(ofSettlement: payment.settlementID).enumerated() {
            let id = Payout.id(of: payment.id, part: index)
            guard case .payout(let payout)? = try await ledger.lifecycle(id)?.row.lifecycle, payout.status == .paid,
                payout.currency == refund.currency
            else { continue }
            if owed[payout.payee] == nil {
                owed[payout.payee] =
                    try await ledger.balances(of: part.did).first { $0.currency == payout.currency }?.receivableMinor
            }
            let returned = payout.returnedMinor ?? 0
            let whole = Int128(payout.amountMinor) * Int128(settlement.refundedMinor)
            let gross = Int128(settlement.grossMinor)
            let refunded = Int64(clamping: (whole + gross - 1) / gross)
            let amount = min(owed[payout.payee] ?? 0, min(refunded, payout.amountMinor) - returned)
            guard amount > 0 else { continue }
            owed[payout.payee]? -= amount
            refund.recalls.append(
                RefundInstruction.Recall(payoutID: id, payoutReference: payout.reference, amountMinor: amount))
        }
        refund.recalls = Array(refund.recalls.sorted { $0.amountMinor > $1.amountMinor }.prefix(Self.recallsMax))
        return .refund(refund)
    }

    /// Takes in what became of payouts that were taken back. What the rail does not say now it tells by itself later.
    func observe(_ recalls: [RefundInstruction.Recall], _ rail: any Rail) async throws(LedgerFailure) {
        for recall in recalls {
            guard let row = try await ledger.lifecycle(recall.payoutID)?.row,
                case .payout(let payout) = row.lifecycle, let attempt = payout.attempt
            else { continue }
            let instruction = RailInstruction.payOut(PayOutInstruction(payout, nowMs: clock()))
            let answer = await rail.fetch(
                instruction, prepared: attempt.prepared, reference: payout.reference, nowMs: clock())
            if case .found(let facts) = answer { _ = try await observe(attempt.reference, facts) }
        }
    }
}
