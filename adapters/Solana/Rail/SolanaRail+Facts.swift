import Kernel
import Settlement

extension SolanaRail {
    /// Facts of a payout without its cost.
    func facts(_ payOut: PayOutInstruction, _ stored: SolanaPrepared, standing: RailStanding) -> RailFacts {
        RailFacts(
            standing: standing, reference: stored.transaction.id.description, amountMinor: payOut.amountMinor)
    }

    /// Facts with what it cost, by the chain's own figure. It is final: what it did is checked against what was asked.
    func answer(
        _ payOut: PayOutInstruction, _ stored: SolanaPrepared, _ status: SolanaStatus, standing: RailStanding
    ) async -> RailAnswer {
        var facts = facts(payOut, stored, standing: standing)
        let record: SolanaRecord?
        do throws(SolanaRPCError) {
            record = try await client.transaction(stored.transaction.id)
        } catch {
            return .unknown("final, without its cost: \(error)")
        }
        // Details come a little after the status; the next question finds them.
        guard let record else { return .unknown("final, without its cost") }
        guard (record.failure == nil) == (status.failure == nil) else {
            return .unknown("status and details of the transaction contradict each other")
        }
        let (cost, overflow) = record.feeLamports.addingReportingOverflow(stored.openingLamports)
        facts.feeMinor = overflow ? record.feeLamports : cost
        facts.settledCurrency = Self.feeCurrency
        return .found(facts)
    }

    /// The refusal of bytes whose time is over.
    func expired(_ stored: SolanaPrepared, _ simulated: SolanaTransactionFailure?) -> RailRefusal {
        if let simulated, !simulated.isAboutAge { return simulated.refusal(of: stored.transaction.message) }
        return RailRefusal(
            code: Self.expiredCode, reason: "the transaction did not land in time, and never will")
    }
}

extension RailAnswer {
    /// The same as the outcome of a call.
    var outcome: RailOutcome {
        switch self {
        case .found(let facts): facts.standing == .pending ? .pending(facts) : .done(facts)
        case .absent: .unknown("absent")
        case .unknown(let reason): .unknown(reason)
        }
    }
}
