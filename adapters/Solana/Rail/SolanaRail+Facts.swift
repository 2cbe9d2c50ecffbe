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
        let record: SolanaRecord
        do throws(RailListFailure) {
            record = try await final(stored, hasFailed: status.failure != nil)
        } catch {
            return .unknown(error.reason)
        }
        // Who made the transaction fail bears what it cost; of one that was carried out all do, in equal parts.
        facts.feeMinor = record.failure == nil ? stored.part(ofFee: record.feeLamports) : record.feeLamports
        facts.settledCurrency = Self.feeCurrency
        return .found(facts)
    }
}

extension SolanaRail {
    /// The details of a transaction that is final.
    /// - Throws: where no node has them, or what it says cannot be.
    private func final(_ stored: SolanaPrepared, hasFailed: Bool) async throws(RailListFailure) -> SolanaRecord {
        let found: SolanaRecord?
        do throws(SolanaRPCError) {
            found = try await client.transaction(stored.transaction.id)
        } catch {
            throw RailListFailure(reason: "final, without its cost: \(error)")
        }
        // Details come a little after the status; the next question finds them.
        guard let found else { throw RailListFailure(reason: "final, without its cost") }
        guard (found.failure != nil) == hasFailed else {
            throw RailListFailure(reason: "status and details of the transaction contradict each other")
        }
        // No transaction of the node's own can cost more.
        guard found.feeLamports <= SolanaClient.rentMax else {
            throw RailListFailure(
                reason: "final, and a node says that it cost more than a transaction of this rail can")
        }
        return found
    }

    /// Whose fault a failure is. Where the chain's number does not say which account of the payout's transfer it means,
    /// the treasury's is looked at: as it stands it may be it.
    func fault(
        _ stored: SolanaPrepared, _ failure: SolanaTransactionFailure
    ) async throws(SolanaRPCError) -> SolanaPrepared.Fault {
        let fault = stored.fault(failure)
        guard fault == .own, failure.isEithers, let source = stored.source(failure) else { return fault }
        let held = try await client.accounts([source])[0].flatMap { SolanaTokenAccount($0) }
        return held?.isFrozen == false ? .own : .nodes
    }

    /// A transaction that failed by nobody's fault but the node's: what it cost is the node's, and payouts go on.
    func lapsed(_ stored: SolanaPrepared, _ failure: SolanaTransactionFailure) async -> RailOutcome {
        let record: SolanaRecord
        do throws(RailListFailure) { record = try await final(stored, hasFailed: true) } catch {
            return .unknown(error.reason)
        }
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
