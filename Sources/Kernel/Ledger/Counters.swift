/// An account's four running sums, in minor units, all of them 0 or more. Only the pending pair ever falls.
public struct Counters: Hashable, Codable, Sendable {
    /// Debits that happened.
    public var postedDebits: Int64
    /// Credits that happened.
    public var postedCredits: Int64
    /// Debits reserved by holds.
    public var pendingDebits: Int64
    /// Credits announced by holds; they count for nothing until posted.
    public var pendingCredits: Int64

    /// Counters of an account; a new account starts at zero.
    public init(
        postedDebits: Int64 = 0, postedCredits: Int64 = 0, pendingDebits: Int64 = 0, pendingCredits: Int64 = 0
    ) {
        self.postedDebits = postedDebits
        self.postedCredits = postedCredits
        self.pendingDebits = pendingDebits
        self.pendingCredits = pendingCredits
    }

    /// The posted balance on the normal side. Never overflows: both counters are 0 or more.
    public func balance(_ accountClass: AccountClass) -> Int64 {
        accountClass.isDebitNormal ? postedDebits - postedCredits : postedCredits - postedDebits
    }

    /// The balance less what holds have reserved against it. Saturates at `Int64.min`, which no floor allows.
    public func available(_ accountClass: AccountClass) -> Int64 {
        let reserved = accountClass.isDebitNormal ? pendingCredits : pendingDebits
        let (value, overflow) = balance(accountClass).subtractingReportingOverflow(reserved)
        return overflow ? .min : value
    }

    /// The counters after one posting, or `nil` when a counter would overflow or fall below zero.
    public func applying(_ side: PostingSide, _ amountMinor: Int64) -> Counters? {
        var next = self
        let path = side.counter
        let (sum, overflow) = next[keyPath: path].addingReportingOverflow(amountMinor)
        guard !overflow, sum >= 0, amountMinor >= 0 || side.isPending else { return nil }
        next[keyPath: path] = sum
        return next
    }
}

/// Which counter a posting moves. The raw value is stored.
public enum PostingSide: Int16, Codable, Hashable, Sendable, CaseIterable {
    /// Money out of a liability, or into an asset.
    case debit = 0
    /// Money into a liability, or out of an asset.
    case credit = 1
    /// A hold's debit; negative amounts release it.
    case pendingDebit = 2
    /// A hold's credit; negative amounts release it.
    case pendingCredit = 3

    /// Whether this is a hold's side.
    public var isPending: Bool { rawValue >= 2 }
    /// Whether this is a debit of its layer.
    public var isDebit: Bool { self == .debit || self == .pendingDebit }

    var counter: WritableKeyPath<Counters, Int64> {
        switch self {
        case .debit: \.postedDebits
        case .credit: \.postedCredits
        case .pendingDebit: \.pendingDebits
        case .pendingCredit: \.pendingCredits
        }
    }
}
