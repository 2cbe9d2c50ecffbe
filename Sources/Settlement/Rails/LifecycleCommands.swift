import Cryptography
public import Kernel

/// The commands that move lifecycles on. Each is bound to the version that it was decided on, so that a step happens
/// once, whoever asks for it and however often.
public enum LifecycleCommands {
    /// Who asks when the node acts by itself.
    public static let node = "node"

    /// A step of a stored lifecycle. Its key names the step as well, so that one which was refused for good does not
    /// stand in the way of another.
    /// - Parameter related: the payment of a refund or dispute.
    public static func step(_ step: LifecycleStep, of row: LifecycleRow, payment: Payment? = nil) -> Command {
        let lifecycle = row.lifecycle
        var related = payment.map { [$0.id] } ?? []
        if case .payment(.observed(let facts)) = step, case .payment(let payment) = lifecycle,
            let movement = facts.movement
        {
            related.append(Arrival.id(payment.rail, movement, payment.currency))
        }
        let order = LifecycleOrder(
            id: row.id, version: row.version, related: related,
            owners: owners(lifecycle, step, payment: payment), step: step)
        return Command(
            caller: node, key: "\(row.id)/\(row.version + 1)/\(step.name)",
            requestHash: hash(row.id, "\(row.version + 1)"),
            action: .advance(order))
    }

    /// A step that somebody decided by hand; it stands in the audit log.
    /// - Parameter key: new for each decision; the same step with it again is done once.
    public static func step(
        _ step: LifecycleStep, of row: LifecycleRow, payment: Payment? = nil, caller: String, key: String,
        audit: AuditNote
    ) -> Command {
        var order = LifecycleOrder(
            id: row.id, version: row.version, related: payment.map { [$0.id] } ?? [],
            owners: owners(row.lifecycle, step, payment: payment), step: step)
        order.audit = audit
        return Command(
            caller: caller, key: key, requestHash: hash(row.id, "\(row.version + 1)", key), action: .advance(order))
    }

    /// A new lifecycle; `command` gives caller and idempotency key.
    public static func open(
        _ step: LifecycleStep, id: String, owners: [OwnerKey], related: [String] = [], caller: String, key: String,
        requestHash: [UInt8]
    ) -> Command {
        Command(
            caller: caller, key: key, requestHash: requestHash,
            action: .advance(LifecycleOrder(id: id, version: 0, related: related, owners: owners, step: step)))
    }

    /// What the node spent at a rail. The same cost again is booked once.
    public static func cost(_ cost: RailCost) -> Command {
        open(
            .cost(cost), id: cost.id,
            owners: ([""] + cost.shares.map(\.did)).map { OwnerKey(owner: $0, currency: cost.currency) }, caller: node,
            key: cost.id, requestHash: hash("cost", cost.id))
    }

    /// SHA-256 over texts, each ended by a zero byte.
    public static func hash(_ texts: String...) -> [UInt8] {
        SHA256.hash(texts.flatMap { Array($0.utf8) + [0] })
    }

    /// Whose accounts a step may move: the book's own in every currency that it may name, and people's.
    private static func owners(_ lifecycle: Lifecycle, _ step: LifecycleStep, payment: Payment?) -> [OwnerKey] {
        let facts = lifecycle.facts
        guard !facts.currency.isEmpty else { return [] }
        var owners = [
            OwnerKey(owner: "", currency: facts.currency), OwnerKey(owner: facts.owner, currency: facts.currency),
        ]
        switch step {
        case .payment(.observed(let facts)), .refund(.observed(let facts)), .payout(.observed(let facts)):
            if let settled = facts.settledCurrency { owners.append(OwnerKey(owner: "", currency: settled)) }
            owners += facts.landed?.parts.map { OwnerKey(owner: $0.did, currency: lifecycle.facts.currency) } ?? []
        case .payment(.reclaimed):
            if case .payment(let payment) = lifecycle {
                owners.append(OwnerKey(owner: payment.creditedDID, currency: payment.currency))
            }
        case .payment(.assigned(let did, _)): owners.append(OwnerKey(owner: did, currency: facts.currency))
        case .dispute(let facts):
            if let settled = facts.settled { owners.append(OwnerKey(owner: "", currency: settled.currency)) }
        default: break
        }
        if case .refund(let refund) = lifecycle, let settled = refund.settledCurrency {
            owners.append(OwnerKey(owner: "", currency: settled))
        }
        if case .payment(let payment) = lifecycle, let direct = payment.direct {
            owners += direct.parts.map { OwnerKey(owner: $0.did, currency: payment.currency) }
        }
        if case .escrow(let escrow) = lifecycle {
            owners.append(OwnerKey(owner: escrow.payee, currency: escrow.currency))
        }
        return owners
    }
}
