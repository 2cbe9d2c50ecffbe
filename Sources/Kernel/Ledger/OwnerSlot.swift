/// Where an owner's accounts in one currency stand among the state's accounts: -1 where there is none.
///
/// The kinds that every settlement touches have a field of their own, so that finding them costs nothing.
struct OwnerSlot {
    private var cash: Int32 = -1
    private var credit: Int32 = -1
    private var receivable: Int32 = -1
    private(set) var others: [Int32] = []

    /// The account of a kind without detail, if it is one of the common three; `nil` for the other kinds.
    func common(_ kind: AccountKind) -> Int? {
        switch kind {
        case .cash: Int(cash)
        case .credit: Int(credit)
        case .receivable: Int(receivable)
        default: nil
        }
    }

    mutating func add(_ index: Int, _ key: AccountKey) {
        let index = Int32(index)
        switch (key.kind, key.detail) {
        case (.cash, ""): cash = index
        case (.credit, ""): credit = index
        case (.receivable, ""): receivable = index
        default: others.append(index)
        }
    }

    mutating func remove(_ index: Int) {
        let index = Int32(index)
        if cash == index { cash = -1 }
        if credit == index { credit = -1 }
        if receivable == index { receivable = -1 }
        others.removeAll { $0 == index }
    }
}

extension LedgerState {
    /// The slot of an owner, which must be loaded.
    func slot(_ owner: String, _ currency: String) -> Int {
        guard let slot = owners[OwnerKey(owner: owner, currency: currency)] else {
            preconditionFailure("the accounts of \(owner) in \(currency) are not loaded")
        }
        return slot
    }

    /// The account of a slot, if it exists.
    func existing(_ slot: Int, _ kind: AccountKind, _ detail: String = "") -> Int? {
        if detail.isEmpty, let index = slots[slot].common(kind) { return index < 0 ? nil : index }
        for index in slots[slot].others {
            let key = accounts[Int(index)].key
            if key.kind == kind && key.detail == detail { return Int(index) }
        }
        return nil
    }

    /// The account of a slot, opened within the draft when it does not exist yet.
    mutating func account(_ slot: Int, _ key: AccountKey, opening draft: inout EntryDraft) -> Int {
        if let index = existing(slot, key.kind, key.detail) { return index }
        let state = AccountState(accountID: nextAccountID, key: key, counters: Counters())
        nextAccountID += 1
        draft.opens.append(AccountOpening(accountID: state.accountID, key: key))
        slots[slot].add(accounts.count, key)
        accounts.append(state)
        return accounts.count - 1
    }

    /// The account with this identity, opened within the draft when it does not exist yet. Its owner must be loaded.
    mutating func account(_ key: AccountKey, opening draft: inout EntryDraft) -> Int {
        account(slot(key.owner, key.currency), key, opening: &draft)
    }

    /// Takes an account in that was loaded. Its owner was asked for.
    mutating func admit(_ account: AccountState) {
        slots[slot(account.key.owner, account.key.currency)].add(accounts.count, account.key)
        accounts.append(account)
    }

    /// Takes back the accounts that a refused draft opened.
    mutating func abandon(_ opens: [AccountOpening]) {
        for opening in opens.reversed() {
            let last = accounts.removeLast()
            precondition(last.accountID == opening.accountID, "accounts are opened and abandoned in order")
            slots[slot(last.key.owner, last.key.currency)].remove(accounts.count)
            nextAccountID -= 1
        }
    }
}
