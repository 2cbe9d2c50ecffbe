/// What lives longer than one entry: a value with a status, moved on by events, one row each.
///
/// Every change is one entry of the journal, with postings where money moves and without where none does, so that the
/// life of each stands in the hash chain. The machines are pure and monotonic: what a rail says may arrive late, twice
/// and in any order, and the same facts end in the same state.
public enum Lifecycle: Codable, Hashable, Sendable {
    /// Money that comes in by a rail.
    case payment(Payment)
    /// Money that leaves by a rail.
    case payout(Payout)
    /// Money of a payment that goes back the way it came.
    case refund(RailRefund)
    /// A payer's bank contests a payment.
    case dispute(Dispute)
    /// Money that waits for a condition.
    case escrow(Escrow)
    /// How a person wants to be paid out.
    case payee(Payee)
    /// A movement at a rail, and the one payment that it paid.
    case arrival(Arrival)
    /// What the node spent at a rail beside all of these.
    case cost(RailCost)

    /// What it is; the raw value is stored and never changes.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        case payment, payout, dispute, escrow, payee, arrival
        case refund = "rail_refund"
        case cost = "rail_cost"
    }

    /// What it is.
    public var kind: Kind {
        switch self {
        case .payment: .payment
        case .payout: .payout
        case .refund: .refund
        case .dispute: .dispute
        case .escrow: .escrow
        case .payee: .payee
        case .arrival: .arrival
        case .cost: .cost
        }
    }

    /// Its columns, by which it is found.
    public var facts: LifecycleFacts {
        switch self {
        case .payment(let value): value.facts
        case .payout(let value): value.facts
        case .refund(let value): value.facts
        case .dispute(let value): value.facts
        case .escrow(let value): value.facts
        case .payee(let value): value.facts
        case .arrival(let value): value.facts
        case .cost(let value): value.facts
        }
    }

    /// The current attempt to have a rail do something, if one was begun.
    public var attempt: RailAttempt? {
        switch self {
        case .payment(let value): value.attempt
        case .payout(let value): value.attempt
        case .refund(let value): value.attempt
        case .dispute, .escrow, .payee, .arrival, .cost: nil
        }
    }

    /// Its identifier: `pay_…`, `po_…`, `rrf_…`, `dsp_…`, `esc_…`, `arr_…`, `cost_…`, or `payee:` and a DID.
    public var id: String { facts.id }
}

/// By what a lifecycle is found and listed.
public struct LifecycleFacts: Hashable, Sendable {
    /// Identifier.
    public var id: String
    /// Whose money it is, a DID's text.
    public var owner: String
    /// Who made it: a caller's DID, or `node`.
    public var creator: String
    /// The rail's name; empty: none.
    public var rail = ""
    /// The rail's name for it; empty until known.
    public var reference = ""
    /// The payment that a refund or dispute belongs to; empty: none.
    public var parent = ""
    /// Where it stands.
    public var status: String
    /// Currency code; empty for a payee.
    public var currency = ""
    /// Minor units; 0 for a payee.
    public var amountMinor: Int64 = 0
    /// When the node next has something to do for it, milliseconds since 1970; `nil`: it waits for somebody.
    public var dueAtMs: Int64?

    /// Columns.
    public init(
        id: String, owner: String, creator: String, rail: String = "", reference: String = "", parent: String = "",
        status: String, currency: String = "", amountMinor: Int64 = 0, dueAtMs: Int64? = nil
    ) {
        self.id = id
        self.owner = owner
        self.creator = creator
        self.rail = rail
        self.reference = reference
        self.parent = parent
        self.status = status
        self.currency = currency
        self.amountMinor = amountMinor
        self.dueAtMs = dueAtMs
    }
}

/// A stored lifecycle.
public struct LifecycleRow: Hashable, Sendable {
    /// The value.
    public var lifecycle: Lifecycle
    /// 1 when made, one more with each change.
    public var version: Int64
    /// When it was made, milliseconds since 1970.
    public let madeAtMs: Int64
    /// When it last changed.
    public var changedAtMs: Int64

    /// A row.
    public init(lifecycle: Lifecycle, version: Int64, madeAtMs: Int64, changedAtMs: Int64) {
        self.lifecycle = lifecycle
        self.version = version
        self.madeAtMs = madeAtMs
        self.changedAtMs = changedAtMs
    }

    /// Its identifier.
    public var id: String { lifecycle.id }
}

/// One change of a lifecycle, kept with it for ever.
public struct LifecycleEvent: Hashable, Sendable {
    /// Whose.
    public let id: String
    /// The version that it made.
    public let version: Int64
    /// The entry that it is.
    public let seq: Int64
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// What happened: the entry's cause kind, such as `payout_paid`.
    public let name: String
    /// The status after it.
    public let status: String
    /// The reason, a code where there is one; empty: none.
    public let note: String

    /// An event.
    public init(
        id: String, version: Int64, seq: Int64, timeMs: Int64, name: String, status: String, note: String
    ) {
        self.id = id
        self.version = version
        self.seq = seq
        self.timeMs = timeMs
        self.name = name
        self.status = status
        self.note = note
    }
}

/// A changed lifecycle with what changed it.
public struct LifecycleWrite: Hashable, Sendable {
    /// As it is now.
    public let row: LifecycleRow
    /// The change.
    public let event: LifecycleEvent
}
