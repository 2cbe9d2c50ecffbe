public import Kernel

/// An account with its counters at some point of the book.
public struct AccountLine: Hashable, Sendable {
    /// Its number.
    public let accountID: Int64
    /// Its identity.
    public let key: AccountKey
    /// Its counters.
    public let counters: Counters

    /// The posted balance on the account's normal side, minor units.
    public var balanceMinor: Int64 { counters.balance(key.kind.accountClass) }
}

/// An entry with its accounts spelled out.
public struct EntryLine: Hashable, Sendable {
    /// One posting.
    public struct Line: Hashable, Sendable {
        /// The account.
        public let account: AccountKey
        /// The counter that moved.
        public let side: PostingSide
        /// Minor units.
        public let amountMinor: Int64
    }
    /// Number.
    public let seq: Int64
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// Business date, `YYYYMMDD`.
    public let effectiveOn: Int64
    /// Why.
    public let cause: EntryCause
    /// Hash, 32 bytes.
    public let hash: [UInt8]
    /// The postings, in the entry's order.
    public let lines: [Line]
}

/// Sums of one currency and account kind.
public struct TrialBalanceLine: Hashable, Sendable {
    /// Currency code.
    public let currency: String
    /// The kind of the accounts.
    public let kind: AccountKind
    /// How many accounts.
    public let accounts: Int64
    /// Posted debits.
    public let debits: Int128
    /// Posted credits.
    public let credits: Int128
}

/// A line of the audit log.
public struct AuditLine: Hashable, Sendable {
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// Who decided.
    public let actor: String
    /// `freeze`, `unfreeze`, `limit …`.
    public let action: String
    /// About whom.
    public let subject: String
    /// Why.
    public let reason: String
}

/// A moment of the book.
public enum BookMoment: Hashable, Sendable {
    /// After the last entry.
    case now
    /// After this entry.
    case seq(Int64)
    /// After the last entry at or before this time, milliseconds since 1970.
    case time(Int64)
}
