public import Kernel

extension MemoryBook {
    /// What a batch needs.
    public func load(_ asked: Requirements, nowMs: Int64) -> LoadedFacts {
        var facts = LoadedFacts()
        facts.outcomes = asked.outcomes.compactMap { outcomes[$0] }
        for owner in asked.owners {
            for accountID in accountIDs[owner] ?? [] {
                if let account = accounts[accountID] { facts.accounts.append(account) }
            }
        }
        for did in asked.restrictions { facts.restrictions[did] = restrictions[did] }
        for id in asked.manifestIDs { facts.manifestOwners[id] = manifestOwners[id] }
        facts.customers = asked.customers.intersection(customers)
        facts.allowances = asked.allowances.compactMap { allowances[$0] }
        facts.authorizations = asked.authorizations.intersection(authorizations)
        for id in asked.settlements { facts.refundedTotals[id] = refundedTotals[id] }
        facts.holds = asked.holds.compactMap { holds[$0] }
        facts.lifecycles = asked.lifecycles.compactMap { lifecycles[$0] }
        for key in asked.gas { facts.gasRules[key] = gasRules[key] }
        guard !asked.gas.isEmpty else { return facts }
        let windowMs = Int64(Gas.windowSeconds) * 1000
        for row in gasMessages where asked.gas.contains(row.key) && row.timeMs > nowMs - windowMs {
            facts.gasTimes[row.key, default: []].append(row.timeMs)
        }
        for key in asked.gas { facts.gasTimes[key]?.sort() }
        return facts
    }
}
