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
        guard record.feeLamports <= Self.feeMax else { return .unknown(Self.feeAbsurd) }
        // Who made the transaction fail bears what it cost; of one that was carried out all do, in equal parts.
        facts.feeMinor = record.failure == nil ? stored.part(ofFee: record.feeLamports) : record.feeLamports
        facts.settledCurrency = Self.feeCurrency
        return .found(facts)
    }
}

extension SolanaRail {
    /// What no transaction of the node's own can cost.
    private static let feeMax = SolanaClient.rentMax
    private static let feeAbsurd = "final, and a node says that it cost more than a transaction of this rail can"

    /// A transaction that failed by nobody's fault but the node's: what it cost is the node's, and payouts go on.
    func lapsed(_ stored: SolanaPrepared, _ failure: SolanaTransactionFailure) async -> RailOutcome {
        let record: SolanaRecord?
        do throws(SolanaRPCError) {
            record = try await client.transaction(stored.transaction.id)
        } catch {
            return .unknown("final, without its cost: \(error)")
        }
        guard let record, record.failure != nil else { return .unknown("final, without its cost") }
        guard record.feeLamports <= Self.feeMax else { return .unknown(Self.feeAbsurd) }
        let cost = RailCost(
            rail: name, movement: stored.transaction.id.description, currency: Self.feeCurrency,
            amountMinor: record.feeLamports, reason: "a transaction of payouts that failed")
        return .lapsed("\(stored.refusal(failure).code): \(failure)", cost: record.feeLamports == 0 ? nil : cost)
    }
}

extension SolanaPrepared {
    /// The refusal that a failure of its transaction comes to.
    func refusal(_ failure: SolanaTransactionFailure) -> RailRefusal { failure.refusal(of: transaction.message) }
}

extension RailAnswer {
    /// The same as the outcome of a call.
    var outcome: RailOutcome {
        switch self {
        case .found(let facts):
            switch facts.standing {
            case .pending: .pending(facts)
            case .done: .done(facts)
            case .failed, .cancelled: .failed(facts)
            }
        case .absent: .unknown("absent")
        case .unknown(let reason): .unknown(reason)
        }
    }
}
