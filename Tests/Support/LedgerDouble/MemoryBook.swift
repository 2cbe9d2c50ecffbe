public import Kernel
public import Settlement

/// A book's tables in memory, with the statements that the poster runs on them. A commit happens whole or not at all,
/// under the same conditions as on a database. A value: a copy is a snapshot.
public struct MemoryBook: Sendable {
    /// The right to write, as the book's row keeps it.
    public struct LeaseRow: Hashable, Sendable {
        /// Grows with every take-over.
        public var epoch: Int64 = 0
        /// Who has it.
        public var holder = ""
        /// Until when, by the database's clock.
        public var untilMs = Int64.min
    }

    /// Who may write.
    public internal(set) var lease = LeaseRow()
    /// The last entry.
    public internal(set) var head = BookHead.genesis
    /// The next account's number.
    public internal(set) var nextAccountID: Int64 = 1
    /// Accounts with their counters, by number.
    public internal(set) var accounts: [Int64: AccountState] = [:]
    /// Numbers of an owner's accounts.
    public internal(set) var accountIDs: [OwnerKey: [Int64]] = [:]
    /// The journal.
    public internal(set) var entries: [EntryRow] = []
    /// The journal's lines, in the order of their making.
    public internal(set) var postings: [PostingRow] = []
    /// Stored replies.
    public internal(set) var outcomes: [CommandIdentity: OutcomeRow] = [:]
    /// Settlements by id.
    public internal(set) var settlements: [String: SettlementRow] = [:]
    /// Refunds in the order of their making.
    public internal(set) var refunds: [RefundRow] = []
    /// Given back, by settlement.
    public internal(set) var refundedTotals: [String: Int64] = [:]
    /// Manifests by CID.
    public internal(set) var manifests: [String: ManifestRecord] = [:]
    /// First signer by manifest id.
    public internal(set) var manifestOwners: [ByteText: String] = [:]
    /// Attestations to be signed.
    public internal(set) var outbox: [OutboxRow] = []
    /// First transactions.
    public internal(set) var customers: Set<CustomerKey> = []
    /// Allowances.
    public internal(set) var allowances: [AllowanceKey: AllowanceRow] = [:]
    /// Spent authorizations.
    public internal(set) var authorizations: Set<AuthorizationKey> = []
    /// Holds.
    public internal(set) var holds: [String: HoldRow] = [:]
    /// Lifecycles.
    public internal(set) var lifecycles: [String: LifecycleRow] = [:]
    /// Their lives, in the order of their making.
    public internal(set) var lifecycleEvents: [LifecycleEvent] = []
    /// Counted messages.
    public internal(set) var gasMessages: [GasMessageRow] = []
    /// Recipients' rules; set by the recipients, not by the poster.
    public var gasRules: [GasKey: GasRule] = [:]
    /// Founders by sender; set by the senders.
    public var gasClusters: [String: String] = [:]
    /// Restrictions.
    public internal(set) var restrictions: [String: Restriction] = [:]
    /// The audit log.
    public internal(set) var audit: [RestrictionRow] = []
    /// Work from other processes, oldest first.
    public internal(set) var intents: [Intent] = []
    /// Answers to intents that nobody has fetched yet.
    public internal(set) var intentAnswers: [String: [Decision]] = [:]

    /// An empty book.
    public init() {}

    // MARK: Lease

    /// Takes the lease when it is free or the holder's own.
    public mutating func acquire(holder: String, nowMs: Int64, leaseMs: Int64) -> Lease? {
        guard lease.untilMs < nowMs || lease.holder == holder else { return nil }
        lease = LeaseRow(epoch: lease.epoch + 1, holder: holder, untilMs: nowMs + leaseMs)
        return Lease(epoch: lease.epoch, head: head, nextAccountID: nextAccountID)
    }

    /// Keeps the lease; `false` when it is somebody else's by now.
    public mutating func renew(epoch: Int64, nowMs: Int64, leaseMs: Int64) -> Bool {
        guard lease.epoch == epoch else { return false }
        lease.untilMs = nowMs + leaseMs
        return true
    }

    /// Gives the lease back.
    public mutating func release(epoch: Int64) {
        if lease.epoch == epoch { lease.untilMs = .min }
    }

    // MARK: Intents

    /// Leaves work for the process that holds the lease.
    public mutating func leave(_ intent: Intent) { intents.append(intent) }

    /// What the process that waits for an intent finds; it is found once.
    public mutating func takeAnswer(_ intentID: String) -> [Decision]? {
        intentAnswers.removeValue(forKey: intentID)
    }
}

/// Work that one process left for another.
public struct Intent: Sendable {
    /// Its own id.
    public let intentID: String
    /// At least one.
    public let commands: [Command]
    /// All or none.
    public let isAtomic: Bool

    /// An intent.
    public init(intentID: String, commands: [Command], isAtomic: Bool) {
        self.intentID = intentID
        self.commands = commands
        self.isAtomic = isAtomic
    }
}
