public import Kernel

/// What people ask of the worker, besides the loop.
extension RailWorker {
    /// Has the rail give up a payment that nobody has paid. Nothing happens to one that was paid, or that was given up
    /// before; how it stands is read afterwards.
    public func cancel(_ id: String) async throws(LedgerFailure) {
        // What may be on its way to the rail is found out first.
        try await drive(id)
        guard let (row, _) = try await ledger.lifecycle(id), case .payment(let payment) = row.lifecycle else { return }
        switch payment.status {
        case .opening where payment.attempt == nil: _ = try await submit(.payment(.cancelled), row)
        case .failed where payment.reference.isEmpty: _ = try await submit(.payment(.cancelled), row)
        case .pending, .failed:
            let instruction = RailInstruction.collect(CollectInstruction(payment, nowMs: clock()))
            _ = try await giveUp(instruction, payment.reference, row)
        case .opening, .cancelled, .received, .settled, .suspended: break
        }
    }

    /// Whether the rail would take a payout, without making one: nothing is called that moves money.
    public func preview(_ payout: Payout) async -> RailPreparation {
        guard let rail = rails[payout.rail] else { return .unavailable("the rail \(payout.rail) is off") }
        let destination = PayoutPolicy.Destination(
            rail: payout.rail, currency: payout.currency, address: payout.destination)
        // What is wrong with the amount needs no question to the rail.
        let preview = await rail.preview(.payOut(PayOutInstruction(payout, nowMs: clock())), nowMs: clock())
        if case .refused = preview { return preview }
        if let refusal = await rail.check(destination) { return .refused(refusal) }
        return preview
    }
}
