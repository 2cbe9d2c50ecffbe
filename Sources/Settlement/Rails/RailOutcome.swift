public import Kernel

/// What `prepare` comes to.
public enum RailPreparation: Hashable, Sendable {
    /// The bytes to store before the call.
    case ready([UInt8])
    /// The rail would refuse it: nothing was called.
    case refused(RailRefusal)
    /// The rail cannot be asked now: nothing was called; try later.
    case unavailable(String)
}

/// What a call comes to.
public enum RailOutcome: Hashable, Sendable {
    /// The money moved.
    case done(RailFacts)
    /// The rail has it, and has not finished.
    case pending(RailFacts)
    /// It failed at the rail, and cost something: no money of the instruction moved, and none will under this
    /// reference.
    case failed(RailFacts)
    /// The rail refused it for certain: no money moved, and none will under this reference.
    case refused(RailRefusal)
    /// What was prepared can be carried out no more, and moved nothing, without anybody's fault: a payout goes on with
    /// another attempt. The reason is for the log; the cost, where it had one, is booked once for all payouts that say
    /// the same. Only of payouts.
    case lapsed(String, cost: RailCost? = nil)
    /// Nobody knows whether the rail accepted it; the reason is for the log. Never a reason to pay again.
    case unknown(String)
}

/// What a question comes to.
public enum RailAnswer: Hashable, Sendable {
    /// The rail knows it.
    case found(RailFacts)
    /// The rail never accepted it, and will not.
    case absent
    /// The rail gave no certain answer; the reason is for the log.
    case unknown(String)
}

/// A position in a rail's list: the rail's own cursor and the time it stands for.
public struct RailPosition: Codable, Hashable, Sendable {
    /// The rail's cursor.
    public let cursor: String
    /// Milliseconds since 1970.
    public let timeMs: Int64

    /// A position.
    public init(cursor: String, timeMs: Int64) {
        self.cursor = cursor
        self.timeMs = timeMs
    }
}

/// A page of a rail's list.
public struct RailPage: Hashable, Sendable {
    /// What happened, oldest first.
    public let records: [RailRecord]
    /// Where the next page begins.
    public let next: RailPosition?
    /// Whether there is more now.
    public let hasMore: Bool

    /// A page.
    public init(records: [RailRecord], next: RailPosition?, hasMore: Bool) {
        self.records = records
        self.next = next
        self.hasMore = hasMore
    }
}

/// One movement of the node's money at a rail.
public struct RailRecord: Hashable, Sendable {
    /// What it was; `other` keeps the rail's own word.
    public enum Kind: Hashable, Sendable {
        case payment, payout, payoutReversal, refund, refundFailure, dispute, disputeReversal, fee, topUp
        case other(String)
    }
    /// The rail's name for the movement.
    public let id: String
    /// What it was.
    public let kind: Kind
    /// The rail's name for the thing that moved: a charge, transfer, refund, dispute.
    public let subject: String
    /// Our reference, where the rail kept one.
    public let reference: String?
    /// Change of the balance before fees, minor units, signed.
    public let amountMinor: Int64
    /// The rail's fee, taken off it.
    public let feeMinor: Int64
    /// Currency code.
    public let currency: String
    /// Milliseconds since 1970.
    public let timeMs: Int64

    /// A movement.
    public init(
        id: String, kind: Kind, subject: String, reference: String?, amountMinor: Int64, feeMinor: Int64,
        currency: String, timeMs: Int64
    ) {
        self.id = id
        self.kind = kind
        self.subject = subject
        self.reference = reference
        self.amountMinor = amountMinor
        self.feeMinor = feeMinor
        self.currency = currency
        self.timeMs = timeMs
    }
}

/// The node's money at a rail in one currency.
public struct RailBalance: Hashable, Sendable {
    /// Currency code.
    public let currency: String
    /// All of it, also what is not available yet, minor units.
    public let totalMinor: Int64
    /// What can be paid out now.
    public let availableMinor: Int64

    /// A balance.
    public init(currency: String, totalMinor: Int64, availableMinor: Int64) {
        self.currency = currency
        self.totalMinor = totalMinor
        self.availableMinor = availableMinor
    }
}

/// Why a rail could not be read.
public struct RailListFailure: Error, Hashable, Sendable {
    /// For the log, without secrets.
    public let reason: String

    /// A failure.
    public init(reason: String) { self.reason = reason }
}

/// What a rail tells the node by itself, by webhook or list: read from the rail, not from the message.
public enum RailNews: Hashable, Sendable {
    /// How something of ours stands; by our reference.
    case instruction(reference: String, RailFacts)
    /// A refund of a payment of ours that the node did not ask for, by the rail's name for the payment.
    case refund(paymentID: String, RailFacts)
    /// A dispute of a payment of ours.
    case dispute(paymentID: String, DisputeFacts)
    /// Money that payers moved by themselves, under a payment of ours or under none.
    case arrival(RailArrival)
    /// Nothing that concerns the ledger; why.
    case nothing(String)
    /// It concerns something that the node does not know (yet): look again later.
    case unknown(String)
}
