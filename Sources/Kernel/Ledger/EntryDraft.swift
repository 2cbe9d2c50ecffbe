/// Collects what an entry moves, merged per account, before it is known whether the book allows it.
struct EntryDraft {
    /// One account's net movement.
    struct Line {
        let index: Int
        /// Debits less credits of the posted layer.
        var postedMinor: Int64 = 0
        var pendingDebitMinor: Int64 = 0
        var pendingCreditMinor: Int64 = 0
    }

    var lines: [Line] = []
    /// Position in `lines` by account index; used once there are more lines than a linear search is good for.
    private var positions: [Int: Int] = [:]
    private(set) var didOverflow = false
    /// Accounts that this entry opens; they stand at the end of the state's accounts until the entry is refused.
    var opens: [AccountOpening] = []

    /// Lines up to which a linear search beats a dictionary.
    private static let linearMax = 16

    init() { lines.reserveCapacity(8) }

    mutating func debit(_ index: Int, _ amountMinor: Int64) { add(index, \.postedMinor, amountMinor) }

    mutating func credit(_ index: Int, _ amountMinor: Int64) { add(index, \.postedMinor, -amountMinor) }

    mutating func pendingDebit(_ index: Int, _ amountMinor: Int64) { add(index, \.pendingDebitMinor, amountMinor) }

    mutating func pendingCredit(_ index: Int, _ amountMinor: Int64) { add(index, \.pendingCreditMinor, amountMinor) }

    /// Net posted movement of an account so far: debits less credits.
    func postedMinor(_ index: Int) -> Int64 {
        position(of: index).map { lines[$0].postedMinor } ?? 0
    }

    private func position(of index: Int) -> Int? {
        lines.count > Self.linearMax ? positions[index] : lines.firstIndex { $0.index == index }
    }

    private mutating func add(_ index: Int, _ path: WritableKeyPath<Line, Int64>, _ amountMinor: Int64) {
        let at: Int
        if let found = position(of: index) {
            at = found
        } else {
            at = lines.count
            lines.append(Line(index: index))
            if lines.count == Self.linearMax + 1 {
                for (position, line) in lines.enumerated() { positions[line.index] = position }
            } else if lines.count > Self.linearMax {
                positions[index] = at
            }
        }
        let (sum, overflow) = lines[at][keyPath: path].addingReportingOverflow(amountMinor)
        if overflow { didOverflow = true } else { lines[at][keyPath: path] = sum }
    }
}

extension LedgerState {
    /// The account with this identity, opened within the draft when it does not exist yet. Its owner must be loaded.
    mutating func account(_ key: AccountKey, opening draft: inout EntryDraft) -> Int {
        let owner = OwnerKey(owner: key.owner, currency: key.currency)
        guard let indices = owners[owner] else { preconditionFailure("owner not loaded: \(owner)") }
        for index in indices where accounts[index].key.kind == key.kind && accounts[index].key.detail == key.detail {
            return index
        }
        let state = AccountState(accountID: nextAccountID, key: key, counters: Counters())
        nextAccountID += 1
        draft.opens.append(AccountOpening(accountID: state.accountID, key: key))
        admit(state)
        return accounts.count - 1
    }

    /// The account with this identity, if it exists.
    func existingAccount(_ key: AccountKey) -> Int? {
        let indices = owners[OwnerKey(owner: key.owner, currency: key.currency)]
        precondition(indices != nil, "owner not loaded")
        return indices?.first { accounts[$0].key.kind == key.kind && accounts[$0].key.detail == key.detail }
    }

    /// Takes back the accounts that a refused draft opened.
    mutating func abandon(_ draft: EntryDraft) {
        for opening in draft.opens.reversed() {
            let last = accounts.removeLast()
            precondition(last.accountID == opening.accountID, "accounts are opened and abandoned in order")
            let owner = OwnerKey(owner: last.key.owner, currency: last.key.currency)
            owners[owner]?.removeLast()
            nextAccountID -= 1
        }
    }

    /// Credits `did` in cash, first against what it owes the node.
    mutating func payIn(_ did: String, _ currency: String, _ amountMinor: Int64, draft: inout EntryDraft) {
        var rest = amountMinor
        let owed = AccountKey(owner: did, kind: .receivable, currency: currency)
        if let receivable = existingAccount(owed) {
            let account = accounts[receivable]
            let outstanding = account.counters.balance(.asset) + draft.postedMinor(receivable)
            let netted = min(max(outstanding, 0), rest)
            if netted > 0 {
                draft.credit(receivable, netted)
                rest -= netted
            }
        }
        guard rest > 0 else { return }
        let cash = account(AccountKey(owner: did, kind: .cash, currency: currency), opening: &draft)
        draft.credit(cash, rest)
    }

    /// Takes `amountMinor` from an account of `did` as far as it goes; the rest becomes a receivable, which is returned.
    mutating func takeBack(
        _ did: String, _ kind: AccountKind, _ currency: String, _ amountMinor: Int64, draft: inout EntryDraft
    ) -> Int64 {
        var available: Int64 = 0
        if let index = existingAccount(AccountKey(owner: did, kind: kind, currency: currency)) {
            let (value, overflow) = accounts[index].availableMinor
                .subtractingReportingOverflow(draft.postedMinor(index))
            available = overflow ? 0 : min(max(value, 0), amountMinor)
            if available > 0 { draft.debit(index, available) }
        }
        let missing = amountMinor - available
        if missing > 0 {
            let owed = account(AccountKey(owner: did, kind: .receivable, currency: currency), opening: &draft)
            draft.debit(owed, missing)
        }
        return missing
    }
}
