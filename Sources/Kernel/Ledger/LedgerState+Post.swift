extension LedgerState {
    /// Makes an entry of the draft, or refuses it and leaves everything as it was.
    ///
    /// Zeros are left out, each account stands once per side. Floors count holds. The entry's time is never before the
    /// last entry's; its business date is that time's UTC date.
    mutating func post(_ draft: EntryDraft, cause: EntryCause, nowMs: Int64) throws(Refusal) -> EntryRow {
        let seq = head.seq + 1
        var rows: [PostingRow] = []
        rows.reserveCapacity(draft.lines.count)
        var changed: [(index: Int, counters: Counters)] = []
        changed.reserveCapacity(draft.lines.count)
        do throws(Refusal) {
            guard !draft.didOverflow else { throw .amountOverflow }
            for line in draft.lines {
                changed.append((line.index, try apply(line, seq: seq, to: &rows)))
            }
        } catch {
            abandon(draft.opens)
            throw error
        }
        assertBalanced(rows, draft)
        // Recorded first, so that undoing runs the other way round: counters before the accounts that carry them.
        let entry = record(rows, opens: draft.opens, cause: cause, nowMs: nowMs)
        for change in changed { set(change.counters, at: change.index) }
        return entry
    }

    /// The postings of one line, and the account's counters after them.
    private func apply(
        _ line: EntryDraft.Line, seq: Int64, to rows: inout [PostingRow]
    ) throws(Refusal) -> Counters {
        let accountID = accounts[line.index].accountID
        let kind = accounts[line.index].key.kind
        let before = accounts[line.index].counters
        var counters = before
        func post(_ side: PostingSide, _ amountMinor: Int64) throws(Refusal) {
            guard amountMinor != 0 else { return }
            guard let next = counters.applying(side, amountMinor) else { throw .amountOverflow }
            counters = next
            rows.append(
                PostingRow(accountID: accountID, seq: seq, side: side, amountMinor: amountMinor, counters: counters))
        }
        if line.postedMinor > 0 { try post(.debit, line.postedMinor) } else { try post(.credit, -line.postedMinor) }
        try post(.pendingDebit, line.pendingDebitMinor)
        try post(.pendingCredit, line.pendingCreditMinor)
        if let floor = kind.floorMinor {
            let (then, now) = (before.available(kind.accountClass), counters.available(kind.accountClass))
            guard now >= floor || now >= then else {
                throw .insufficientFunds(
                    neededMinor: then.subtractingReportingOverflow(now).partialValue,
                    currency: accounts[line.index].key.currency)
            }
        }
        return counters
    }

    /// A ledger that cannot prove its sum stops: it never commits a wrong one. (No postings at all is balanced too:
    /// somebody who pays only themselves.)
    private func assertBalanced(_ rows: [PostingRow], _ draft: EntryDraft) {
        var currency: String?
        for line in draft.lines {
            let own = accounts[line.index].key.currency
            precondition(currency == nil || currency == own, "an entry has one currency")
            currency = own
        }
        var posted: Int128 = 0
        var pending: Int128 = 0
        for row in rows {
            let signed = row.side.isDebit ? Int128(row.amountMinor) : -Int128(row.amountMinor)
            if row.side.isPending { pending += signed } else { posted += signed }
        }
        precondition(posted == 0 && pending == 0, "an entry's postings sum to zero")
    }

    private mutating func record(
        _ rows: [PostingRow], opens: [AccountOpening], cause: EntryCause, nowMs: Int64
    ) -> EntryRow {
        let before = head
        let timeMs = max(nowMs, before.timeMs)
        let effectiveOn = CivilDate(ms: timeMs).basic
        let body = Entry.body(
            book: book.name, seq: before.seq + 1, timeMs: timeMs, effectiveOn: effectiveOn, cause: cause, opens: opens,
            postings: rows, { ($0.accountID, $0.side, $0.amountMinor) })
        let row = EntryRow(
            seq: before.seq + 1, timeMs: timeMs, effectiveOn: effectiveOn, causeKind: cause.kind, causeID: cause.id,
            body: body, hash: Entry.hash(previousHash: before.hash, body: body))
        head = BookHead(seq: row.seq, hash: row.hash, timeMs: timeMs)
        writes.entries.append(row)
        writes.postings.append(contentsOf: rows)
        writes.accounts.append(contentsOf: opens)
        undo?.append { state in
            state.head = before
            state.writes.entries.removeLast()
            state.writes.postings.removeLast(rows.count)
            state.writes.accounts.removeLast(opens.count)
            state.abandon(opens)
        }
        return row
    }

    private mutating func set(_ counters: Counters, at index: Int) {
        let before = accounts[index].counters
        accounts[index].counters = counters
        undo?.append { state in state.accounts[index].counters = before }
    }
}
