extension LedgerState {
    /// Makes an entry of the draft, or refuses it and leaves everything as it was.
    ///
    /// Zeros are left out, each account stands once per side. Floors count holds. The entry's time is never before the last
    /// entry's; its business date is that time's UTC date.
    mutating func post(_ draft: EntryDraft, cause: EntryCause, nowMs: Int64) throws(Refusal) -> EntryRow {
        let seq = head.seq + 1
        var rows: [PostingRow] = []
        rows.reserveCapacity(draft.lines.count)
        var changed: [(index: Int, counters: Counters)] = []
        changed.reserveCapacity(draft.lines.count)
        for line in draft.lines {
            let account = accounts[line.index]
            var counters = account.counters
            var isLess = false
            for (side, amount) in line.sides where amount != 0 {
                guard let next = counters.applying(side, amount) else {
                    abandon(draft)
                    throw .amountOverflow
                }
                counters = next
                isLess = isLess || side.lowers(account.key.kind.accountClass)
                rows.append(
                    PostingRow(
                        accountID: account.accountID, seq: seq, side: side, amountMinor: amount, counters: counters))
            }
            if isLess, let floor = account.key.kind.floorMinor {
                let available = counters.available(account.key.kind.accountClass)
                guard available >= floor else {
                    let needed = account.availableMinor.subtractingReportingOverflow(available).partialValue
                    abandon(draft)
                    throw .insufficientFunds(neededMinor: needed, currency: account.key.currency)
                }
            }
            changed.append((line.index, counters))
        }
        guard !draft.didOverflow else {
            abandon(draft)
            throw .amountOverflow
        }
        assertBalanced(rows, draft)
        // Recorded first, so that undoing runs the other way round: counters before the accounts that carry them.
        let entry = record(rows, opens: draft.opens, cause: cause, nowMs: nowMs)
        for change in changed { set(change.counters, at: change.index) }
        return entry
    }

    /// A ledger that cannot prove its sum stops: it never commits a wrong one. (No postings at all is balanced too: somebody
    /// who pays only themselves.)
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
        let entry = Entry(
            book: book.name, seq: before.seq + 1, timeMs: timeMs, effectiveOn: CivilDate(ms: timeMs).basic,
            cause: cause, opens: opens,
            postings: rows.map { Posting(accountID: $0.accountID, side: $0.side, amountMinor: $0.amountMinor) })
        let body = entry.body()
        let row = EntryRow(
            seq: entry.seq, timeMs: timeMs, effectiveOn: entry.effectiveOn, causeKind: cause.kind, causeID: cause.id,
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
            var draft = EntryDraft()
            draft.opens = opens
            state.abandon(draft)
        }
        return row
    }

    private mutating func set(_ counters: Counters, at index: Int) {
        let before = accounts[index].counters
        accounts[index].counters = counters
        undo?.append { state in state.accounts[index].counters = before }
    }
}

extension EntryDraft.Line {
    /// The sides that this line touches, in their stored order.
    var sides: [(PostingSide, Int64)] {
        [
            postedMinor > 0 ? (.debit, postedMinor) : (.credit, -postedMinor),
            (.pendingDebit, pendingDebitMinor), (.pendingCredit, pendingCreditMinor),
        ]
    }
}

extension PostingSide {
    /// Whether this side can lower the available balance of a class.
    func lowers(_ accountClass: AccountClass) -> Bool { isDebit != accountClass.isDebitNormal }
}
