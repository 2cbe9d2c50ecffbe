/// What a command came to, within the current batch.
public enum Decision: Codable, Hashable, Sendable {
    /// It was decided now; its outcome becomes true with the batch.
    case decided(Outcome)
    /// It had been decided before; this is the first answer.
    case replayed(Outcome)

    /// The reply.
    public var outcome: Outcome {
        switch self {
        case .decided(let outcome), .replayed(let outcome): outcome
        }
    }
}

extension LedgerState {
    /// Decides one command and collects its writes. Everything it needs must be loaded (`missing(for:)`).
    ///
    /// - Parameter nowMs: the server's clock; entries never go back behind the last one's time.
    /// - Returns: the outcome. A refusal is an outcome too, and stored where a retry must get it again.
    public mutating func decide(_ command: Command, nowMs: Int64) -> Decision {
        if let known = outcomes[command.identity] ?? nil {
            guard known.requestHash == command.requestHash else {
                return .decided(Self.refused(.idempotencyKeyReused))
            }
            return .replayed(known.outcome)
        }
        var outcome: Outcome
        do throws(Refusal) {
            outcome = try carryOut(command, nowMs: nowMs)
        } catch {
            outcome = Self.refused(error)
        }
        if !outcome.isDone, !command.traceID.isEmpty {
            outcome = Outcome(
                status: outcome.status, code: outcome.code, body: outcome.body, reference: command.traceID)
        }
        if outcome.isDone || Self.isStored(outcome) { remember(command, outcome, nowMs: nowMs) }
        return .decided(outcome)
    }

    /// Decides an atomic group: all of it is done, or nothing but the refusal of its first refused member.
    public mutating func decideAtomically(_ commands: [Command], nowMs: Int64) -> [Decision] {
        precondition(undo == nil, "atomic groups do not nest")
        undo = []
        var decisions: [Decision] = []
        for (index, command) in commands.enumerated() {
            let decision = decide(command, nowMs: nowMs)
            if decision.outcome.isDone {
                decisions.append(decision)
                continue
            }
            let steps = undo ?? []
            undo = nil
            for step in steps.reversed() { step(&self) }
            if case .decided(let outcome) = decision, Self.isStored(outcome) {
                remember(command, outcome, nowMs: nowMs)
            }
            return commands.indices.map { $0 == index ? decision : .decided(Self.refused(.batchAborted)) }
        }
        undo = nil
        return decisions
    }

    /// Whether a retry must get the same refusal: those by the ledger or the manifest, so that a late retry cannot
    /// succeed by surprise. A chain that does not resolve yet may resolve later.
    private static func isStored(_ outcome: Outcome) -> Bool {
        (outcome.status == 402 || outcome.status == 422) && outcome.code != Refusal.idempotencyKeyReused.code
            && outcome.code != ManifestError.chainUnresolvedCode
    }

    private mutating func remember(_ command: Command, _ outcome: Outcome, nowMs: Int64) {
        let row = OutcomeRow(
            identity: command.identity, requestHash: command.requestHash, outcome: outcome, timeMs: nowMs)
        let before = outcomes[command.identity]
        outcomes[command.identity] = row
        writes.outcomes.append(row)
        undo?.append { state in
            state.outcomes[row.identity] = before
            state.writes.outcomes.removeLast()
        }
    }

    static func refused(_ refusal: Refusal) -> Outcome {
        Outcome(status: refusal.status, code: refusal.code, body: Array(refusal.detail.utf8))
    }

    private mutating func carryOut(_ command: Command, nowMs: Int64) throws(Refusal) -> Outcome {
        switch command.action {
        case .settle(let order): try settle(order, command: command, nowMs: nowMs)
        case .refund(let order): try refund(order, command: command, nowMs: nowMs)
        case .hold(let order): try hold(order, command: command, nowMs: nowMs)
        case .resolveHold(let order): try resolveHold(order, command: command, nowMs: nowMs)
        case .fund(let order): try fund(order, command: command, nowMs: nowMs)
        case .chargeGas(let order): try chargeGas(order, command: command, nowMs: nowMs)
        case .allow(let order): allow(order)
        case .restrict(let order): restrict(order, command: command, nowMs: nowMs)
        case .recordManifests(let manifests): try recordManifests(manifests)
        case .transfer(let order): try transfer(order, command: command, nowMs: nowMs)
        case .advance(let order): try advance(order, command: command, nowMs: nowMs)
        case .refuse(let order): Outcome(status: order.status, code: order.code, body: Array(order.detail.utf8))
        }
    }
}

extension LedgerState {
    /// Whether a decision holds whoever leads by now: a stored reply is loaded for every batch and never changes, all
    /// else was decided on what this process believes.
    public static func isTimeless(_ decision: Decision) -> Bool {
        switch decision {
        case .replayed: true
        case .decided(let outcome): outcome.code == Refusal.idempotencyKeyReused.code
        }
    }
}
