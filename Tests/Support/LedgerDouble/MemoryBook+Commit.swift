import Cryptography
public import Kernel
public import Settlement

extension MemoryBook {
    /// Writes a batch whole, or nothing of it.
    /// - Throws: `.fenced` when the lease or the head is another; `.rejected` when a row exists that must be unique.
    public mutating func commit(_ commit: PosterCommit, nowMs: Int64, leaseMs: Int64) throws(StoreFailure) {
        guard lease.epoch == commit.epoch, head.seq == commit.seqBefore else { throw .fenced }
        try checkUnique(commit.writes)
        apply(
            commit, writes: commit.writes, intentAnswers: commit.intentAnswers, nowMs: nowMs, leaseMs: leaseMs)
    }

    /// Refuses what a primary key would.
    private func checkUnique(_ writes: BatchWrites) throws(StoreFailure) {
        for (offset, entry) in writes.entries.enumerated() where entry.seq != head.seq + Int64(offset) + 1 {
            throw .rejected("entries: \(entry.seq) after \(head.seq)")
        }
        for opening in writes.accounts {
            let owner = OwnerKey(owner: opening.key.owner, currency: opening.key.currency)
            let isKnown = accountIDs[owner, default: []].contains { accounts[$0]?.key == opening.key }
            guard accounts[opening.accountID] == nil, !isKnown else { throw .rejected("accounts: \(opening)") }
        }
        var identities: Set<CommandIdentity> = []
        for row in writes.outcomes where outcomes[row.identity] != nil || !identities.insert(row.identity).inserted {
            throw .rejected("outcomes: \(row.identity)")
        }
        for row in writes.settlements where settlements[row.order.settlementID] != nil {
            throw .rejected("settlements: \(row.order.settlementID)")
        }
        for write in writes.lifecycles
        where write.event.version <= lifecycles[write.row.id]?.version ?? 0 {
            throw .rejected("lifecycle_events: \(write.event.id) \(write.event.version)")
        }
        for row in writes.authorizations where authorizations.contains(row.key) {
            throw .rejected("authorizations: \(row.key)")
        }
    }

    /// Writes a batch without asking whether it may: `commit` is for everybody but those who plant mistakes.
    public mutating func apply(
        _ commit: PosterCommit, writes: BatchWrites, intentAnswers answers: [IntentAnswer], nowMs: Int64,
        leaseMs: Int64
    ) {
        head = commit.head
        nextAccountID = commit.nextAccountID
        lease.untilMs = nowMs + leaseMs
        for opening in writes.accounts {
            accounts[opening.accountID] = AccountState(
                accountID: opening.accountID, key: opening.key, counters: Counters())
            accountIDs[OwnerKey(owner: opening.key.owner, currency: opening.key.currency), default: []]
                .append(opening.accountID)
        }
        entries.append(contentsOf: writes.entries)
        postings.append(contentsOf: writes.postings)
        for posting in writes.postings { accounts[posting.accountID]?.counters = posting.counters }
        for row in writes.outcomes { outcomes[row.identity] = row }
        for row in writes.settlements { settlements[row.order.settlementID] = row }
        for row in writes.settlements { refundedTotals[row.order.settlementID] = 0 }
        for row in writes.refunds { refundedTotals[row.order.settlementID] = row.refundedMinor }
        refunds.append(contentsOf: writes.refunds)
        for row in writes.manifests where manifests[row.cid] == nil { manifests[row.cid] = row }
        for row in writes.manifests where manifestOwners[ByteText(row.manifestID)] == nil {
            manifestOwners[ByteText(row.manifestID)] = row.signer
        }
        outbox.append(contentsOf: writes.outbox)
        customers.formUnion(writes.customers)
        for row in writes.allowances { allowances[row.key] = row }
        for row in writes.authorizations { authorizations.insert(row.key) }
        for row in writes.holds { holds[row.holdID] = row }
        for write in writes.lifecycles { lifecycles[write.row.id] = write.row }
        lifecycleEvents.append(contentsOf: writes.lifecycles.map(\.event))
        gasMessages.append(contentsOf: writes.gasMessages)
        for row in writes.restrictions { restrict(row.order) }
        audit.append(contentsOf: writes.restrictions)
        for answer in answers where intentAnswers[answer.intentID] == nil {
            intentAnswers[answer.intentID] = answer.decisions
        }
        let finished = Set(answers.map(\.intentID))
        if !finished.isEmpty { intents.removeAll { finished.contains($0.intentID) } }
    }

    private mutating func restrict(_ order: RestrictOrder) {
        var restriction = restrictions[order.did.string] ?? Restriction()
        switch order.change {
        case .freeze: restriction.isFrozen = true
        case .unfreeze: restriction.isFrozen = false
        case .holdBack(let currency, let amountMinor): restriction.heldBackMinor[currency] = amountMinor
        }
        restrictions[order.did.string] = restriction
    }
}
