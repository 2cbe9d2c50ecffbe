import Cryptography
public import Kernel

/// What the node made of a rail's news.
public enum NewsOutcome: Hashable, Sendable {
    /// It is in the ledger, now or before.
    case applied
    /// It does not concern the ledger; why.
    case ignored(String)
    /// It concerns something that is not known (yet): look again later.
    case parked(String)
}

extension RailWorker {
    /// How often a step is tried again that somebody else was faster with.
    static let racesMax = 5

    /// Takes in what a rail tells by itself. The same news again changes nothing.
    public func take(_ news: RailNews, from rail: RailName) async throws(LedgerFailure) -> NewsOutcome {
        switch news {
        case .nothing(let why): return .ignored(why)
        case .unknown(let why): return .parked(why)
        case .instruction(let reference, let facts): return try await observe(reference, facts)
        case .refund(let paymentID, let facts): return try await refunded(paymentID, facts, rail)
        case .dispute(let paymentID, let facts): return try await disputed(paymentID, facts)
        case .arrival(let arrival): return try await arrived(arrival, rail)
        }
    }

    /// The lifecycle of one of our references: what stands before its last hyphen.
    private static func lifecycleID(_ reference: String) -> String {
        reference.lastIndex(of: "-").map { String(reference[..<$0]) } ?? reference
    }

    func observe(_ reference: String, _ facts: RailFacts) async throws(LedgerFailure) -> NewsOutcome {
        let id = Self.lifecycleID(reference)
        for _ in 0..<Self.racesMax {
            guard let (row, _) = try await ledger.lifecycle(id) else { return .parked("there is no \(id)") }
            guard row.lifecycle.attempt?.reference == reference else {
                return .ignored("\(reference) is not the current attempt of \(id)")
            }
            if let why = row.lifecycle.contradiction(facts) {
                report(RailReport(.needsAttention, row, why))
                return .parked(why)
            }
            if row.lifecycle.isOldNews(facts, nowMs: clock()) { return .applied }
            if try await submit(row, .observed(facts)) {
                try await drive(id)
                return .applied
            }
        }
        return .parked("\(id) keeps changing")
    }

    private func refunded(
        _ paymentID: String, _ facts: RailFacts, _ rail: RailName
    ) async throws(LedgerFailure) -> NewsOutcome {
        if let known = try await ledger.lifecycle(rail: rail, reference: facts.reference, kind: .refund) {
            // Also what was told before: it may not have got this far.
            try await recall(paymentID)
            if known.lifecycle.isOldNews(facts, nowMs: clock()) { return .applied }
            return try await submit(known, .observed(facts)) ? .applied : .parked("\(known.id) keeps changing")
        }
        guard facts.standing == .done else { return .ignored("the refund \(facts.reference) has not moved money") }
        let id = "rrf_\(facts.reference)"
        let reason = "refunded at the rail as \(facts.reference)"
        for _ in 0..<Self.racesMax {
            guard let row = try await ledger.lifecycle(paymentID)?.row, case .payment(let payment) = row.lifecycle
            else { return .parked("there is no \(paymentID)") }
            guard payment.receivedMinor > 0 else { return .parked("\(paymentID) has not been received") }
            guard payment.returningMinor == 0 else { return .parked("a refund of \(paymentID) is under way") }
            if payment.unspentMinor < facts.amountMinor {
                _ = try await gather(facts.amountMinor, of: row, reason: reason, key: id)
                continue
            }
            guard payment.settledCurrency == nil || facts.settledMinor != nil else {
                return .parked("what left the account for \(facts.reference) is not known yet")
            }
            let command = LifecycleCommands.open(
                .openRefund(
                    amountMinor: facts.amountMinor, reason: reason, creator: LifecycleCommands.node, done: facts),
                id: id, owners: Self.owners(of: payment, facts.settledCurrency), related: [paymentID],
                caller: LifecycleCommands.node,
                key: "\(id)/\(row.version)", requestHash: LifecycleCommands.hash("refund", id))
            let outcome = try await ledger.submit([command], atomically: false)[0].outcome
            if outcome.isDone {
                try await recall(paymentID)
                return .applied
            }
        }
        return .parked("\(paymentID) keeps changing")
    }

    private func disputed(_ paymentID: String, _ facts: DisputeFacts) async throws(LedgerFailure) -> NewsOutcome {
        guard case .payment(let payment)? = try await ledger.lifecycle(paymentID)?.row.lifecycle else {
            return .parked("there is no \(paymentID)")
        }
        guard payment.receivedMinor > 0 else { return .parked("\(paymentID) has not been received") }
        let id = "dsp_\(facts.reference)"
        for _ in 0..<Self.racesMax {
            let known = try await ledger.lifecycle(id)?.row
            if let known, known.lifecycle.isOldNews(facts) { return .applied }
            let version = known?.version ?? 0
            let order = LifecycleOrder(
                id: id, version: version, related: [paymentID],
                owners: Self.owners(of: payment, facts.settled?.currency), step: .dispute(facts))
            let command = Command(
                caller: LifecycleCommands.node, key: "\(id)/\(version + 1)",
                requestHash: LifecycleCommands.hash(id, "\(version + 1)"), action: .advance(order))
            let decision = try await ledger.submit([command], atomically: false)[0]
            if case .decided(let outcome) = decision, outcome.isDone {
                if case .dispute(var before)? = known?.lifecycle,
                    before.observe(facts, nowMs: clock()).regainedMinor > 0
                {
                    try await tellOfSuspense(paymentID)
                }
                try await drive(id)
                return .applied
            }
        }
        return .parked("\(id) keeps changing")
    }

    /// What came in for a payment and is not what was asked for, and what a dispute gives back that was lost, is money
    /// for somebody to look at.
    func tellOfSuspense(_ paymentID: String) async throws(LedgerFailure) {
        guard let row = try await ledger.lifecycle(paymentID)?.row, case .payment(let payment) = row.lifecycle,
            payment.status == .suspended, let refusal = payment.refusal
        else { return }
        report(RailReport(.needsAttention, row, refusal.reason))
    }

    /// Whose accounts a refund or dispute of a payment may move.
    private static func owners(of payment: Payment, _ settledCurrency: String?) -> [OwnerKey] {
        ["", payment.payer, payment.creditedDID].map { OwnerKey(owner: $0, currency: payment.currency) }
            + (settledCurrency.map { [OwnerKey(owner: "", currency: $0)] } ?? [])
    }
}
