import Kernel
import Settlement

/// What the node makes on the chain for payees and payments, at its own cost first: followed until the book has what it
/// took.
extension SolanaWatcher {
    /// Unfinished tries that are asked for at once.
    private static let openingsPageMax = 200
    /// What the node makes is final within minutes; later than this a person should know.
    private static let openingMs: Int64 = 900_000
    /// A table is closed some five minutes after its payment is over.
    private static let closingMs: Int64 = 7_200_000

    /// Follows the making of payees' accounts and of tables to its end, and books what it cost.
    func watchOpenings(_ outcome: inout Outcome) async throws(LedgerFailure) {
        guard let store = rail.openings else { return }
        do {
            if let trouble = try await rail.makeOwn() { outcome.stopped = outcome.stopped ?? trouble }
        } catch {
            outcome.stopped = outcome.stopped ?? "\(error)"
        }
        var after = ""
        while true {
            var page = try await store.unfinishedOpenings(at: rail.name, after: after, limit: Self.openingsPageMax)
            let isLast = page.count < Self.openingsPageMax
            // The last transaction may have more of them than came.
            if !isLast, let last = page.last?.reference { page.removeAll { $0.reference == last } }
            let transactions = Dictionary(grouping: page, by: \.reference).values
            for tries in transactions.sorted(by: { $0[0].claimedAtMs < $1[0].claimedAtMs }) {
                if tries[0].prepared.isEmpty {
                    try await watchTable(tries[0], store, &outcome)
                } else {
                    try await follow(tries, store, &outcome)
                }
            }
            guard !isLast, let last = page.last?.reference else { return }
            after = last
        }
    }

    /// Books what a transaction cost, when it is at its end.
    private func follow(
        _ tries: [RailOpening], _ store: any RailOpeningStore, _ outcome: inout Outcome
    ) async throws(LedgerFailure) {
        let reference = tries[0].reference
        let end: SolanaOpeningEnd?
        do throws(SolanaRPCError) { end = try await rail.end(of: tries) } catch {
            outcome.stopped = outcome.stopped ?? error.description
            return
        }
        guard let end else {
            let isLate = tries[0].claimedAtMs < clock() - Self.openingMs
            if isLate { outcome.unread.append("\(reference): no node says how it ended, or what it cost") }
            return
        }
        if end.lamports != 0 {
            let cost = RailCost(
                rail: rail.name, movement: reference, currency: SolanaRail.feeCurrency, amountMinor: end.lamports,
                reason: tries[0].purpose, shares: end.shares(tries))
            let decision = try await ledger.submit([LifecycleCommands.cost(cost)], atomically: false)[0]
            guard decision.outcome.isDone else {
                outcome.stopped = outcome.stopped ?? String(decoding: decision.outcome.body, as: UTF8.self)
                return
            }
        }
        // Last, so that whoever is stopped before it books the same cost again, which is once.
        try await store.finishOpening(at: rail.name, reference: reference, end.standing)
        outcome.openings += 1
    }

    /// Closes a lookup table whose payment is over.
    private func watchTable(
        _ opening: RailOpening, _ store: any RailOpeningStore, _ outcome: inout Outcome
    ) async throws(LedgerFailure) {
        let row = try await ledger.lifecycle(opening.owner)?.row
        if case .payment(let payment)? = row?.lifecycle, payment.status == .opening || payment.status == .pending {
            return
        }
        do {
            guard try await rail.closeTable(of: opening.owner) else {
                if (row?.changedAtMs ?? 0) < clock() - Self.closingMs {
                    outcome.unread.append("the lookup table of \(opening.owner) is not closed, hours after its payment")
                }
                return
            }
        } catch {
            outcome.stopped = outcome.stopped ?? "\(error)"
            return
        }
        try await store.finishOpening(at: rail.name, reference: opening.reference, .made)
    }
}

extension RailOpening {
    /// What was paid for, for people.
    fileprivate var purpose: String {
        if owner.hasPrefix("pay_") { return "a lookup table of \(owner)" }
        return token.hasPrefix(SolanaRail.noncePurpose) ? SolanaRail.noncePurpose : "accounts of payees"
    }
}
