extension LedgerState {
    /// Credits `did` in cash, first against what it owes the node.
    mutating func payIn(_ did: String, _ currency: String, _ amountMinor: Int64, draft: inout EntryDraft) {
        let slot = slot(did, currency)
        var rest = amountMinor
        if let receivable = existing(slot, .receivable) {
            let outstanding = accounts[receivable].counters.balance(.asset) + draft.postedMinor(receivable)
            let netted = min(max(outstanding, 0), rest)
            if netted > 0 {
                draft.credit(receivable, netted)
                rest -= netted
            }
        }
        guard rest > 0 else { return }
        if let cash = existing(slot, .cash) { return draft.credit(cash, rest) }
        let key = AccountKey(owner: did, kind: .cash, currency: currency)
        draft.credit(account(slot, key, opening: &draft), rest)
    }

    /// Takes `movingMinor` from a balance that must hold `amountMinor`, credit first, and returns how much of it was
    /// credit.
    mutating func spend(
        _ amountMinor: Int64, moving movingMinor: Int64, by did: String, _ currency: String, draft: inout EntryDraft
    ) throws(Refusal) -> Int64 {
        let fromCredit = min(try spendable(amountMinor, by: did, currency), movingMinor)
        let slot = slot(did, currency)
        if let credit = existing(slot, .credit), fromCredit > 0 { draft.debit(credit, fromCredit) }
        if let cash = existing(slot, .cash), movingMinor > fromCredit {
            draft.debit(cash, movingMinor - fromCredit)
        }
        return fromCredit
    }

    /// How much of an amount would be credit: it is spent before cash.
    /// - Throws: `insufficient_funds`, counting holds and what the operator holds back.
    func spendable(_ amountMinor: Int64, by did: String, _ currency: String) throws(Refusal) -> Int64 {
        let slot = slot(did, currency)
        let heldBack = restrictions[did]?.heldBackMinor[currency] ?? 0
        let credit = max(existing(slot, .credit).map { accounts[$0].availableMinor } ?? 0, 0)
        let cash = max(existing(slot, .cash).map { accounts[$0].availableMinor } ?? 0, 0)
        guard Int128(credit) + Int128(cash) - Int128(heldBack) >= Int128(amountMinor) else {
            throw .insufficientFunds(neededMinor: amountMinor, currency: currency)
        }
        return min(credit, amountMinor)
    }

    /// Takes `amountMinor` from an account of `did` as far as it goes; the rest becomes a receivable, which is
    /// returned.
    mutating func takeBack(
        _ did: String, _ kind: AccountKind, _ currency: String, _ amountMinor: Int64, draft: inout EntryDraft
    ) -> Int64 {
        let slot = slot(did, currency)
        var available: Int64 = 0
        if let index = existing(slot, kind) {
            let (value, overflow) = accounts[index].availableMinor
                .subtractingReportingOverflow(draft.postedMinor(index))
            available = overflow ? 0 : min(max(value, 0), amountMinor)
            if available > 0 { draft.debit(index, available) }
        }
        let missing = amountMinor - available
        if missing > 0 {
            let key = AccountKey(owner: did, kind: .receivable, currency: currency)
            draft.debit(account(slot, key, opening: &draft), missing)
        }
        return missing
    }
}
