public import Cryptography
public import Kernel

/// What a payee's policy says of one currency of the balance.
public struct PayoutChoice: Hashable, Sendable {
    /// Currency code.
    public let currency: String
    /// What could be paid out, minor units.
    public let amountMinor: Int64
    /// Where to; `nil`: the policy names nothing for this currency.
    public let destination: PayoutPolicy.Destination?
    /// Why nothing is paid out; `nil`: it is.
    public let refusal: RailRefusal?
}

extension RailWorker {
    /// What would be paid out, currency by currency; nothing is done.
    public func choices(
        _ did: DID, _ policy: PayoutPolicy, currency: String? = nil
    ) async throws(LedgerFailure) -> [PayoutChoice] {
        var choices: [PayoutChoice] = []
        for balance in try await ledger.balances(of: did) where currency == nil || balance.currency == currency {
            let amount = balance.withdrawableMinor
            guard amount > 0 else { continue }
            let destination = policy.destination(currency: balance.currency)
            choices.append(
                PayoutChoice(
                    currency: balance.currency, amountMinor: amount, destination: destination,
                    refusal: refusal(amount, balance.currency, destination, policy)))
        }
        return choices
    }

    private func refusal(
        _ amountMinor: Int64, _ currency: String, _ destination: PayoutPolicy.Destination?, _ policy: PayoutPolicy
    ) -> RailRefusal? {
        guard let destination else {
            return RailRefusal(code: "no_destination", reason: "the payee names none for \(currency)")
        }
        if let least = policy.minimumMinor[currency], amountMinor < least {
            return RailRefusal(code: "below_minimum", reason: "the payee wants \(least) minor units at least")
        }
        guard rails[destination.rail] != nil else {
            return RailRefusal(code: "rail_off", reason: "the rail \(destination.rail) is off")
        }
        return nil
    }

    /// Opens the payout of a choice that has no refusal.
    /// - Parameters:
    ///   - creator: who asked for it, a DID's text, an operator, or `node`.
    ///   - key: the command's idempotency key, of the node.
    /// - Returns: the payout's id with the outcome; a refused one was not made.
    public func open(
        _ choice: PayoutChoice, to destination: PayoutPolicy.Destination, of did: DID, cause: Payout.Cause,
        creator: String, key: String
    ) async throws(LedgerFailure) -> Outcome {
        let payout = Payout(
            id: makeID("po_"), payee: did.string, rail: destination.rail, destination: destination.address,
            amountMinor: choice.amountMinor, currency: choice.currency, cause: cause, creator: creator,
            nowMs: clock())
        return try await open(payout, key: key)
    }

    /// Where payouts failed that are to be tried again or have stopped: no other is opened beside them by itself. A
    /// payee who names another destination is paid there.
    func troubles(of did: DID) async throws(LedgerFailure) -> Set<PayoutPolicy.Destination> {
        var filter = LifecycleFilter(kind: .payout, limit: Self.troubledMax)
        filter.owner = did.string
        filter.statuses = [Payout.Status.failed, .stopped].map(\.rawValue)
        return Set(
            try await ledger.lifecycles(filter).compactMap { row in
                guard case .payout(let payout) = row.lifecycle else { return nil }
                return PayoutPolicy.Destination(
                    rail: payout.rail, currency: payout.currency, address: payout.destination)
            })
    }

    /// Payouts in trouble that are looked at, of one payee: one a currency, as a rule.
    private static let troubledMax = 100

    /// Looks at some of the payees who are paid out as soon as there is enough, and opens their payouts. Where there is
    /// nothing to pay nothing is written.
    /// - Parameter after: behind this payee's identifier; empty: from the first.
    /// - Returns: where the next look begins.
    public func payAtOnce(after: String) async throws(LedgerFailure) -> String {
        let rows = try await ledger.payeesPaidAtOnce(after: after, limit: Self.passMax)
        for row in rows {
            guard case .payee(let payee) = row.lifecycle, let did = try? DID(payee.did),
                let policy = payee.policy(at: clock()), policy.schedule == .instant
            else { continue }
            let choices = try await choices(did, policy).filter { $0.refusal == nil }
            guard !choices.isEmpty else { continue }
            let troubles = try await troubles(of: did)
            guard choices.contains(where: { $0.destination.map { !troubles.contains($0) } ?? false }) else { continue }
            try await payOut(did, policy, cause: .schedule, key: "\(row.id)/\(row.version)")
            // Also where a payout was refused: with another key it is tried again.
            _ = try await submit(.payee(.ran), row)
        }
        return rows.count < Self.passMax ? "" : rows.last?.id ?? ""
    }

    /// Opens a payout in each currency that the policy has a destination for and of which there is enough.
    /// - Returns: the payouts that were opened.
    @discardableResult
    public func payOut(
        _ did: DID, _ policy: PayoutPolicy, cause: Payout.Cause, key: String
    ) async throws(LedgerFailure) -> [String] {
        var opened: [String] = []
        let troubles = try await troubles(of: did)
        for choice in try await choices(did, policy) where choice.refusal == nil {
            guard let destination = choice.destination, !troubles.contains(destination) else { continue }
            let outcome = try await open(
                choice, to: destination, of: did, cause: cause, creator: LifecycleCommands.node,
                key: "\(key)/\(choice.currency)")
            if outcome.isDone, let id = outcome.reference { opened.append(id) }
        }
        return opened
    }
}
