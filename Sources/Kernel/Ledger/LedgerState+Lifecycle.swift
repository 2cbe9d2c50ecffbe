import Cryptography

extension LedgerState {
    /// Makes a lifecycle or moves one on, with what the ledger moves for it: one entry, or one per currency where a
    /// rail converted.
    mutating func advance(_ order: LifecycleOrder, command: Command, nowMs: Int64) throws(Refusal) -> Outcome {
        let row = lifecycles[order.id] ?? nil
        if let expected = order.version, expected != row?.version ?? 0 {
            throw .stateConflict(
                order.id, status: row?.lifecycle.facts.status ?? "absent", event: "a step from version \(expected)")
        }
        let step = try step(order, row?.lifecycle, nowMs: nowMs)
        for move in step.moves where owners[OwnerKey(owner: move.owner, currency: move.currency)] == nil {
            throw .stateConflict(order.id, status: "waiting", event: "a step that names too few accounts")
        }
        let entry = try post(step, order, command: command, nowMs: nowMs)
        keep(step.changed, name: step.name, note: step.note, entry: entry)
        if let note = order.audit {
            writes.audits.append(
                AuditRow(
                    auditID: "\(command.caller)/\(command.key)", timeMs: entry.timeMs, note: note, action: step.name,
                    subject: order.id))
            undo?.append { state in state.writes.audits.removeLast() }
        }
        guard let main = lifecycles[order.id] ?? nil else { preconditionFailure("a step keeps what it changed") }
        return Outcome(
            status: row == nil ? 201 : 200, body: LifecycleReply.render(main, entry: entry), reference: order.id)
    }

    /// Stores lifecycles as they are now, each with the event that changed it.
    mutating func keep(_ changed: [Lifecycle], name: String, note: String, entry: EntryRow) {
        for lifecycle in changed {
            let before = lifecycles[lifecycle.id] ?? nil
            let row = LifecycleRow(
                lifecycle: lifecycle, version: (before?.version ?? 0) + 1, madeAtMs: before?.madeAtMs ?? entry.timeMs,
                changedAtMs: entry.timeMs)
            let event = LifecycleEvent(
                id: row.id, version: row.version, seq: entry.seq, timeMs: entry.timeMs, name: name,
                status: lifecycle.facts.status, note: note)
            lifecycles[row.id] = .some(row)
            writes.lifecycles.append(LifecycleWrite(row: row, event: event))
            undo?.append { state in
                state.lifecycles[row.id] = .some(before)
                state.writes.lifecycles.removeLast()
            }
        }
    }

    /// One entry per currency, in the order of first appearance, all or none; one without lines where nothing moves.
    private mutating func post(
        _ step: LifecycleChange, _ order: LifecycleOrder, command: Command, nowMs: Int64
    ) throws(Refusal) -> EntryRow {
        var currencies: [String] = []
        for move in step.moves where !currencies.contains(move.currency) { currencies.append(move.currency) }
        let cause = EntryCause(kind: step.name, id: order.id, requestHash: command.requestHash)
        var draft = EntryDraft()
        guard let first = currencies.first else { return try post(draft, cause: cause, nowMs: nowMs) }
        let isNested = undo != nil
        if !isNested { undo = [] }
        defer { if !isNested { undo = nil } }
        do throws(Refusal) {
            for move in step.moves where move.currency == first { add(move, &draft) }
            var entry = try post(draft, cause: cause, nowMs: nowMs)
            for currency in currencies.dropFirst() {
                draft = EntryDraft()
                for move in step.moves where move.currency == currency { add(move, &draft) }
                entry = try post(draft, cause: cause, nowMs: nowMs)
            }
            return entry
        } catch {
            if !isNested { for step in (undo ?? []).reversed() { step(&self) } }
            throw error
        }
    }

    mutating func add(_ move: Move, _ draft: inout EntryDraft) {
        switch move {
        case .debit(let key, let amount): draft.debit(account(key, opening: &draft), amount)
        case .credit(let key, let amount): draft.credit(account(key, opening: &draft), amount)
        case .pendingDebit(let key, let amount): draft.pendingDebit(account(key, opening: &draft), amount)
        case .pendingCredit(let key, let amount): draft.pendingCredit(account(key, opening: &draft), amount)
        case .payIn(let did, let currency, let amount): payIn(did, currency, amount, draft: &draft)
        case .takeBack(let did, let currency, let amount):
            _ = takeBack(did, .cash, currency, amount, draft: &draft)
        }
    }
}

extension Move {
    /// Whose account it moves; empty: the book's own.
    var owner: String {
        switch self {
        case .debit(let key, _), .credit(let key, _), .pendingDebit(let key, _), .pendingCredit(let key, _): key.owner
        case .payIn(let did, _, _), .takeBack(let did, _, _): did
        }
    }
}
