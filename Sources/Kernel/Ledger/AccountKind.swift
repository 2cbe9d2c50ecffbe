/// What an account is for. The raw value is stored and exported; it never changes.
public enum AccountKind: String, Codable, Hashable, Sendable, CaseIterable {
    /// What the node owes a person, withdrawable.
    case cash
    /// What the node owes a person, spendable here but never withdrawable.
    case credit
    /// Money held for a condition, owed to its owner.
    case escrow
    /// What a person owes the node: a refund or dispute after the money had left.
    case receivable
    /// Money at a rail; `detail` names the rail.
    case clearing
    /// Fee income; `detail` is `node` or `protocol`.
    case fees
    /// Income from gas.
    case gas
    /// What payers paid in by a rail and nothing was settled with yet; `detail` names the rail.
    case payments
    /// What payers' banks took back while it is contested; `detail` names the rail.
    case disputed
    /// The two sides of what a rail converted, one account per currency; `detail` names the rail.
    case exchange = "fx"
    /// What rails charge the node; `detail` names the rail.
    case railFees = "rail_fees"
    /// Credit given away by the node.
    case promotions
    /// Money that arrived and matches nothing yet.
    case suspense
    /// What passed the node by at a rail, from payers' own accounts there (debits) to payees' (credits): nothing that
    /// the node has or owes, and zero over all owners but for what the node got; `detail` names the rail.
    case external
    /// The other side of balances that a development node invents.
    case devFunding = "dev_funding"

    /// Where the account stands in the trial balance.
    public var accountClass: AccountClass {
        switch self {
        case .cash, .credit, .escrow, .payments, .suspense, .external: .liability
        case .receivable, .clearing, .disputed, .exchange, .devFunding: .asset
        case .fees, .gas: .income
        case .railFees, .promotions: .expense
        }
    }

    /// Lowest balance, on the account's normal side and counting holds, that a posting may leave; `nil`: no bound.
    public var floorMinor: Int64? {
        switch self {
        case .cash, .credit, .escrow, .receivable, .payments: 0
        case .clearing, .disputed, .exchange, .fees, .gas, .railFees, .promotions, .suspense, .external,
            .devFunding:
            nil
        }
    }
}

/// The five classes of double-entry bookkeeping that this ledger uses four of; equity does not occur in a node's book.
public enum AccountClass: String, Codable, Hashable, Sendable {
    /// Owned by the node; grows by debits.
    case asset
    /// Owed by the node; grows by credits.
    case liability
    /// Earned by the node; grows by credits.
    case income
    /// Spent by the node; grows by debits.
    case expense

    /// Whether debits increase the balance.
    public var isDebitNormal: Bool { self == .asset || self == .expense }
}

/// The identity of an account within its book.
public struct AccountKey: Hashable, Codable, Sendable {
    /// The owning DID's text, or empty for an account of the book itself.
    public let owner: String
    /// What it is for.
    public let kind: AccountKind
    /// A rail's name, `node`, `protocol`, or empty.
    public let detail: String
    /// Currency code.
    public let currency: String

    /// An account's identity.
    public init(owner: String = "", kind: AccountKind, detail: String = "", currency: String) {
        self.owner = owner
        self.kind = kind
        self.detail = detail
        self.currency = currency
    }

    /// The name in listings and exports, for example `liability:cash:did:imajin:…:USD`.
    public var name: String {
        var parts = [kind.accountClass.rawValue, kind.rawValue]
        if !detail.isEmpty { parts.append(detail) }
        if !owner.isEmpty { parts.append(owner) }
        parts.append(currency)
        return parts.joined(separator: ":")
    }
}

/// An owner's accounts in one currency, the unit in which accounts are loaded.
public struct OwnerKey: Hashable, Codable, Sendable {
    /// The owning DID's text, or empty for the book's own accounts.
    public let owner: String
    /// Currency code.
    public let currency: String

    /// An owner and a currency.
    public init(owner: String, currency: String) {
        self.owner = owner
        self.currency = currency
    }
}
