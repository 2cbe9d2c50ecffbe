/// Everything that one transaction writes, as plain rows in the order of their making.
public struct BatchWrites: Sendable {
    /// New entries, seq ascending.
    public var entries: [EntryRow] = []
    /// Their postings, each with the account's counters after it.
    public var postings: [PostingRow] = []
    /// Accounts that they open.
    public var accounts: [AccountOpening] = []
    /// Stored replies.
    public var outcomes: [OutcomeRow] = []
    /// New settlements.
    public var settlements: [SettlementRow] = []
    /// New refunds, and what they leave of their settlements.
    public var refunds: [RefundRow] = []
    /// Manifests that were seen first; writing one again changes nothing.
    public var manifests: [ManifestRecord] = []
    /// Attestations to be signed.
    public var outbox: [OutboxRow] = []
    /// First transactions of a payer with a service.
    public var customers: [CustomerKey] = []
    /// Allowances as they are now.
    public var allowances: [AllowanceRow] = []
    /// Authorizations that were spent.
    public var authorizations: [AuthorizationRow] = []
    /// Holds as they are now.
    public var holds: [HoldRow] = []
    /// Lifecycles as they are now, with what changed them.
    public var lifecycles: [LifecycleWrite] = []
    /// Messages that were counted.
    public var gasMessages: [GasMessageRow] = []
    /// Restrictions as they are now.
    public var restrictions: [RestrictionRow] = []
    /// What was decided by hand about lifecycles.
    public var audits: [AuditRow] = []

    /// Nothing to write.
    public init() {}

    /// Whether there is nothing to write.
    public var isEmpty: Bool {
        entries.isEmpty && outcomes.isEmpty && manifests.isEmpty
    }
}

/// A stored entry.
public struct EntryRow: Hashable, Sendable {
    /// Number.
    public let seq: Int64
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// Business date, `YYYYMMDD`.
    public let effectiveOn: Int64
    /// `EntryCause.kind`.
    public let causeKind: String
    /// `EntryCause.id`.
    public let causeID: String
    /// The dag-cbor that was hashed.
    public let body: [UInt8]
    /// The entry's hash.
    public let hash: [UInt8]
}

/// A stored posting.
public struct PostingRow: Hashable, Sendable {
    /// The account.
    public let accountID: Int64
    /// The entry.
    public let seq: Int64
    /// The counter that moved.
    public let side: PostingSide
    /// By how much.
    public let amountMinor: Int64
    /// The account's counters after it.
    public let counters: Counters
}

/// A stored reply.
public struct OutcomeRow: Hashable, Sendable {
    /// Caller and key.
    public let identity: CommandIdentity
    /// Hash of the request.
    public let requestHash: [UInt8]
    /// The reply.
    public let outcome: Outcome
    /// Milliseconds since 1970. Refusals are deleted `LedgerState.refusalKeptMs` later.
    public let timeMs: Int64

    /// A stored reply.
    public init(identity: CommandIdentity, requestHash: [UInt8], outcome: Outcome, timeMs: Int64) {
        self.identity = identity
        self.requestHash = requestHash
        self.outcome = outcome
        self.timeMs = timeMs
    }
}

/// A stored settlement; its reply is found by `identity`.
public struct SettlementRow: Sendable {
    /// The order.
    public let order: SettleOrder
    /// How much of the gross was paid from credit.
    public let creditMinor: Int64
    /// Its entry.
    public let entrySeq: Int64
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// Who asked.
    public let identity: CommandIdentity
}

/// A stored refund; its reply is found by `identity`.
public struct RefundRow: Sendable {
    /// The order.
    public let order: RefundOrder
    /// Minor units given back.
    public let amountMinor: Int64
    /// The settlement's refunded total after it.
    public let refundedMinor: Int64
    /// Its entry.
    public let entrySeq: Int64
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// Who asked.
    public let identity: CommandIdentity
}

/// Something to be told to the world after the commit.
public struct OutboxRow: Hashable, Sendable {
    /// The entry it belongs to.
    public let seq: Int64
    /// Position among the entry's rows.
    public let ordinal: Int16
    /// `attestation`.
    public let topic: String
    /// dag-cbor.
    public let payload: [UInt8]
}

/// A payer and a service's name.
public struct CustomerKey: Hashable, Sendable {
    /// The payer's DID.
    public let payer: String
    /// The service's name.
    public let service: String

    /// A pair.
    public init(payer: String, service: String) {
        self.payer = payer
        self.service = service
    }
}
