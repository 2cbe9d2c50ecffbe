/// What one change of a lifecycle moves. The moves of each currency sum to zero.
public enum Move: Hashable, Sendable {
    /// Debits an account.
    case debit(AccountKey, Int64)
    /// Credits an account.
    case credit(AccountKey, Int64)
    /// Reserves on the debit side; a negative amount releases.
    case pendingDebit(AccountKey, Int64)
    /// Reserves on the credit side; a negative amount releases.
    case pendingCredit(AccountKey, Int64)
    /// Debits a person's cash as far as it goes; the rest is what the person owes the node from then on.
    case takeBack(String, currency: String, Int64)
    /// Credits a person in cash, first against what the person owes the node.
    case payIn(String, currency: String, Int64)

    /// The currency that it moves.
    public var currency: String {
        switch self {
        case .debit(let key, _), .credit(let key, _), .pendingDebit(let key, _), .pendingCredit(let key, _):
            key.currency
        case .payIn(_, let currency, _), .takeBack(_, let currency, _): currency
        }
    }

    /// Reserves an amount of `from` for `to`.
    static func reserve(_ amountMinor: Int64, from: AccountKey, to: AccountKey) -> [Move] {
        [.pendingDebit(from, amountMinor), .pendingCredit(to, amountMinor)]
    }

    /// Lets a reserved amount go.
    static func release(_ amountMinor: Int64, from: AccountKey, to: AccountKey) -> [Move] {
        reserve(-amountMinor, from: from, to: to)
    }

    /// Moves an amount.
    static func transfer(_ amountMinor: Int64, from: AccountKey, to: AccountKey) -> [Move] {
        [.debit(from, amountMinor), .credit(to, amountMinor)]
    }

    /// What left the node's account at a rail for something in another currency; negative: what came in for it. The
    /// other side of the exchange is booked in the other currency.
    static func converted(_ amountMinor: Int64, rail: RailName, currency: String) -> [Move] {
        guard amountMinor != 0 else { return [] }
        let (exchange, clearing) = (AccountKey.exchange(rail, currency), AccountKey.clearing(rail, currency))
        return amountMinor > 0
            ? transfer(amountMinor, from: exchange, to: clearing)
            : transfer(-amountMinor, from: clearing, to: exchange)
    }

    /// What a rail took for itself out of the node's money there.
    static func railFee(_ amountMinor: Int64, rail: RailName, currency: String) -> [Move] {
        fee(amountMinor, rail: rail, currency: currency, from: .clearing(rail, currency))
    }

    /// What a rail took for itself out of what the node keeps there for fees alone; negative: what came back.
    static func fundFee(_ amountMinor: Int64, rail: RailName, currency: String) -> [Move] {
        fee(amountMinor, rail: rail, currency: currency, from: .feeFund(rail, currency))
    }

    private static func fee(
        _ amountMinor: Int64, rail: RailName, currency: String, from money: AccountKey
    ) -> [Move] {
        guard amountMinor != 0 else { return [] }
        let expense = AccountKey.railFees(rail, currency)
        return amountMinor > 0
            ? transfer(amountMinor, from: expense, to: money) : transfer(-amountMinor, from: money, to: expense)
    }
}

extension AccountKey {
    /// The node's money at a rail.
    public static func clearing(_ rail: RailName, _ currency: String) -> AccountKey {
        AccountKey(kind: .clearing, detail: rail.rawValue, currency: currency)
    }

    /// What the node keeps at a rail for fees alone, such as SOL beside tokens. What an operator puts in is not booked:
    /// it begins at nothing, and falls by what was spent.
    public static func feeFund(_ rail: RailName, _ currency: String) -> AccountKey {
        AccountKey(kind: .clearing, detail: "\(rail)-fees", currency: currency)
    }

    /// What a rail charges the node.
    public static func railFees(_ rail: RailName, _ currency: String) -> AccountKey {
        AccountKey(kind: .railFees, detail: rail.rawValue, currency: currency)
    }

    /// What payers paid in by a rail and nothing was settled with yet.
    public static func payments(_ rail: RailName, _ currency: String) -> AccountKey {
        AccountKey(kind: .payments, detail: rail.rawValue, currency: currency)
    }

    /// What arrived by a rail and matches nothing.
    public static func suspense(_ rail: RailName, _ currency: String) -> AccountKey {
        AccountKey(kind: .suspense, detail: rail.rawValue, currency: currency)
    }

    /// What a person paid or got at a rail past the node.
    public static func external(_ did: String, _ rail: RailName, _ currency: String) -> AccountKey {
        AccountKey(owner: did, kind: .external, detail: rail.rawValue, currency: currency)
    }

    /// What a payer's bank has taken back while it is contested.
    public static func disputed(_ rail: RailName, _ currency: String) -> AccountKey {
        AccountKey(kind: .disputed, detail: rail.rawValue, currency: currency)
    }

    /// The two sides of what a rail converted.
    public static func exchange(_ rail: RailName, _ currency: String) -> AccountKey {
        AccountKey(kind: .exchange, detail: rail.rawValue, currency: currency)
    }

    /// A person's withdrawable money.
    public static func cash(_ did: String, _ currency: String) -> AccountKey {
        AccountKey(owner: did, kind: .cash, currency: currency)
    }

    /// A person's money that is spendable here and never withdrawable.
    public static func credit(_ did: String, _ currency: String) -> AccountKey {
        AccountKey(owner: did, kind: .credit, currency: currency)
    }

    /// A person's money that waits for a condition.
    public static func escrow(_ did: String, _ currency: String) -> AccountKey {
        AccountKey(owner: did, kind: .escrow, currency: currency)
    }
}
