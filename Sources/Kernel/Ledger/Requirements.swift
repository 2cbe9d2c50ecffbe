import Cryptography

/// What a batch of commands needs to have loaded. Sets, so that a batch asks for each thing once.
public struct Requirements: Sendable {
    /// Stored replies.
    public var outcomes: Set<CommandIdentity> = []
    /// All accounts of an owner in a currency, with their counters.
    public var owners: Set<OwnerKey> = []
    /// Restrictions by DID.
    public var restrictions: Set<String> = []
    /// First signer by manifest id.
    public var manifestIDs: Set<ByteText> = []
    /// First transactions.
    public var customers: Set<CustomerKey> = []
    /// Allowances.
    public var allowances: Set<AllowanceKey> = []
    /// Spent authorizations.
    public var authorizations: Set<AuthorizationKey> = []
    /// Refunded totals by settlement.
    public var settlements: Set<String> = []
    /// Holds.
    public var holds: Set<String> = []
    /// Lifecycles.
    public var lifecycles: Set<String> = []
    /// Message times of the last 30 days, and the recipient's rule.
    public var gas: Set<GasKey> = []

    /// Nothing.
    public init() {}

    /// Whether everything is loaded.
    public var isEmpty: Bool {
        outcomes.isEmpty && owners.isEmpty && restrictions.isEmpty && manifestIDs.isEmpty && customers.isEmpty
            && allowances.isEmpty && authorizations.isEmpty && settlements.isEmpty && holds.isEmpty
            && lifecycles.isEmpty && gas.isEmpty
    }
}

/// The answer to `Requirements`: what was found. What was asked for and is not in here does not exist.
public struct LoadedFacts: Sendable {
    /// Stored replies.
    public var outcomes: [OutcomeRow] = []
    /// Accounts.
    public var accounts: [AccountState] = []
    /// Restrictions by DID.
    public var restrictions: [String: Restriction] = [:]
    /// First signer by manifest id.
    public var manifestOwners: [ByteText: String] = [:]
    /// First transactions that happened.
    public var customers: Set<CustomerKey> = []
    /// Allowances.
    public var allowances: [AllowanceRow] = []
    /// Authorizations that were spent.
    public var authorizations: Set<AuthorizationKey> = []
    /// Refunded totals by settlement.
    public var refundedTotals: [String: Int64] = [:]
    /// Holds.
    public var holds: [HoldRow] = []
    /// Lifecycles.
    public var lifecycles: [LifecycleRow] = []
    /// Message times within the window, ascending.
    public var gasTimes: [GasKey: [Int64]] = [:]
    /// Recipients' rules.
    public var gasRules: [GasKey: GasRule] = [:]

    /// Nothing found.
    public init() {}
}

extension LedgerState {
    /// Adds to `requirements` what is not loaded yet of what `command` needs.
    public func missing(for command: Command, into requirements: inout Requirements) {
        if outcomes[command.identity] == nil { requirements.outcomes.insert(command.identity) }
        switch command.action {
        case .settle(let order): missing(for: order, into: &requirements)
        case .refund(let order):
            if refundedTotals[order.settlementID] == nil { requirements.settlements.insert(order.settlementID) }
            need(order.payer.string, order.currency, &requirements)
            need("", order.currency, &requirements)
            for source in order.sources where source.fee == nil {
                need(source.did.string, order.currency, &requirements)
            }
            needLifecycles(order.destination.lifecycleIDs, &requirements)
        case .hold(let order):
            if holds[order.holdID] == nil { requirements.holds.insert(order.holdID) }
            need(order.from, order.to, &requirements)
        case .resolveHold(let order):
            if holds[order.holdID] == nil { requirements.holds.insert(order.holdID) }
            need(order.from, order.to, &requirements)
        case .fund(let order):
            need(order.did.string, order.currency, &requirements)
            need("", order.currency, &requirements)
        case .chargeGas(let order):
            for did in [order.cluster, order.sender] {
                let key = GasKey(cluster: did.string, recipient: order.recipient.string)
                if gasTimes[key] == nil { requirements.gas.insert(key) }
            }
            need(order.sender.string, order.currency, &requirements)
            need("", order.currency, &requirements)
            needRestriction(order.sender.string, &requirements)
        case .allow(let order):
            let key = AllowanceKey(
                payer: order.payer.string, service: order.service.string, currency: order.currency)
            if allowances[key] == nil { requirements.allowances.insert(key) }
        case .restrict(let order): needRestriction(order.did.string, &requirements)
        case .recordManifests(let manifests): missing(for: manifests, into: &requirements)
        case .transfer(let order):
            for did in [order.from.string, order.to.string] { need(did, order.currency, &requirements) }
            need("", order.currency, &requirements)
            needRestriction(order.from.string, &requirements)
        case .advance(let order):
            needLifecycles([order.id] + order.related, &requirements)
            for owner in order.owners {
                need(owner.owner, owner.currency, &requirements)
                if !owner.owner.isEmpty { needRestriction(owner.owner, &requirements) }
            }
        case .refuse: break
        }
    }

    private func missing(for order: SettleOrder, into requirements: inout Requirements) {
        let payer = order.payer.string
        need(payer, order.currency, &requirements)
        for part in order.parts { need(part.did.string, order.currency, &requirements) }
        if !order.fees.isEmpty || order.funding != .balance { need("", order.currency, &requirements) }
        if case .payment(let id, _) = order.funding { needLifecycles([id], &requirements) }
        needRestriction(payer, &requirements)
        missing(for: order.manifests, into: &requirements)
        let customer = CustomerKey(payer: payer, service: order.service)
        if customers[customer] == nil { requirements.customers.insert(customer) }
        switch order.consent {
        case .payer, .trustedService: break
        case .allowance(let service):
            let key = AllowanceKey(payer: payer, service: service, currency: order.currency)
            if allowances[key] == nil { requirements.allowances.insert(key) }
        case .authorization(let nonce, _, _):
            let key = AuthorizationKey(payer: payer, nonce: nonce)
            if authorizations[key] == nil { requirements.authorizations.insert(key) }
        }
    }

    private func missing(for manifests: [ManifestRecord], into requirements: inout Requirements) {
        for manifest in manifests where manifestOwners[ByteText(manifest.manifestID)] == nil {
            requirements.manifestIDs.insert(ByteText(manifest.manifestID))
        }
    }

    private func need(_ from: AccountKey, _ to: AccountKey, _ requirements: inout Requirements) {
        need(from.owner, from.currency, &requirements)
        need(to.owner, to.currency, &requirements)
        if !from.owner.isEmpty { needRestriction(from.owner, &requirements) }
    }

    private func need(_ owner: String, _ currency: String, _ requirements: inout Requirements) {
        let key = OwnerKey(owner: owner, currency: currency)
        if owners[key] == nil { requirements.owners.insert(key) }
    }

    private func needLifecycles(_ ids: [String], _ requirements: inout Requirements) {
        for id in ids where lifecycles[id] == nil { requirements.lifecycles.insert(id) }
    }

    private func needRestriction(_ did: String, _ requirements: inout Requirements) {
        if restrictions[did] == nil { requirements.restrictions.insert(did) }
    }

    /// Takes in what was found, and remembers of the rest that it does not exist.
    public mutating func absorb(_ facts: LoadedFacts, asked: Requirements) {
        for key in asked.owners {
            owners[key] = slots.count
            slots.append(OwnerSlot())
        }
        for account in facts.accounts { admit(account) }
        for identity in asked.outcomes { outcomes.updateValue(nil, forKey: identity) }
        for row in facts.outcomes { outcomes[row.identity] = row }
        for did in asked.restrictions { restrictions[did] = facts.restrictions[did] ?? Restriction() }
        for id in asked.manifestIDs { manifestOwners.updateValue(facts.manifestOwners[id], forKey: id) }
        for key in asked.customers { customers[key] = facts.customers.contains(key) }
        for key in asked.allowances { allowances.updateValue(nil, forKey: key) }
        for row in facts.allowances { allowances[row.key] = row }
        for key in asked.authorizations { authorizations[key] = facts.authorizations.contains(key) }
        for id in asked.settlements { refundedTotals.updateValue(facts.refundedTotals[id], forKey: id) }
        for id in asked.holds { holds.updateValue(nil, forKey: id) }
        for row in facts.holds { holds[row.holdID] = row }
        for id in asked.lifecycles { lifecycles.updateValue(nil, forKey: id) }
        for row in facts.lifecycles { lifecycles[row.id] = row }
        for key in asked.gas {
            gasTimes[key] = facts.gasTimes[key] ?? []
            gasRules[key] = facts.gasRules[key] ?? GasRule()
        }
    }
}
