/// Money that comes in by a rail: one life for all rails.
///
/// `opening → pending → received → settled`, with `failed` and `cancelled` for what never came and `suspended` for what
/// came and cannot be used as it was meant. A payment that failed or was cancelled can still arrive: money at the rail
/// is always booked. What arrived stands in the rail's `payments` account, or in `suspense`, until it is spent or
/// returned; `unspentMinor` is this payment's part of it.
public struct Payment: Codable, Hashable, Sendable {
    /// What the money is for.
    public enum Purpose: Codable, Hashable, Sendable {
        /// The manifest that was frozen at checkout splits it, by itself, when it arrives.
        case settle(manifestCID: String)
        /// The service that made it settles with it.
        case spend
        /// It becomes the payer's balance.
        case topUp
        /// Nobody asked for it: it arrived, and matches nothing.
        case unmatched
    }

    /// Where a payment stands.
    public enum Status: String, Codable, Hashable, Sendable, CaseIterable {
        /// Stored; the rail does not know it yet, or it is not known whether it does.
        case opening
        /// The payer has to pay.
        case pending
        /// The rail refused it, or the payer's attempt failed.
        case failed
        /// Given up before any money moved.
        case cancelled
        /// The money is here and unspent.
        case received
        /// Spent by a settlement, or credited to the payer's balance.
        case settled
        /// The money is here and cannot be used as it was meant; somebody has to look.
        case suspended
    }

    /// `pay_…`.
    public let id: String
    /// By which rail.
    public let rail: RailName
    /// The service that made it, a DID's text: only it may spend it.
    public let creator: String
    /// Who pays, a DID's text; of a guest a soft DID of its own.
    public let payer: String
    /// What is settled, minor units.
    public let amountMinor: Int64
    /// What the payer pays on top of it for the rail; 0 unless the payer bears the rail's fee.
    public let surchargeMinor: Int64
    /// Currency code.
    public let currency: String
    /// What it is for.
    public let purpose: Purpose
    /// Who bears the rail's fee.
    public let feeBearer: RailFeeBearer
    /// Whether payees get their parts on the rail itself as soon as it is settled.
    public let isDirect: Bool
    /// The service's name and the transaction's type, as the caller gave them.
    public let service: String
    /// See `service`.
    public let type: String
    /// The caller's `metadata`, JSON, or empty.
    public let metadataJSON: [UInt8]
    /// Where the rail sends the payer afterwards.
    public let successURL: String
    /// Where the rail sends the payer who gives up.
    public let cancelURL: String
    /// After this time an unpaid payment is given up, milliseconds since 1970.
    public let expiresAtMs: Int64

    /// How the payer pays the payees itself; `nil`: the node takes the money in.
    public var direct: DirectSplit?
    /// Where it stands.
    public var status = Status.opening
    /// The call of the rail that opened it.
    public var attempt: RailAttempt?
    /// The rail's name for it; empty until known.
    public var reference = ""
    /// Where the payer pays; empty until known.
    public var url = ""
    /// The rail's name for the movement that transfers are drawn on.
    public var source = ""
    /// What arrived, minor units, the rail's fee included.
    public var receivedMinor: Int64 = 0
    /// Movements that name it and paid another; `nil`: none.
    public var disclaimed: [String]?
    /// What the rail took for it, in `feeCurrency`.
    public var feeMinor: Int64 = 0
    /// The currency of the rail's fee: the payment's, unless the rail converted.
    public var feeCurrency = ""
    /// What of it is neither spent nor returned nor on its way back.
    public var unspentMinor: Int64 = 0
    /// What is on its way back.
    public var returningMinor: Int64 = 0
    /// What went back.
    public var returnedMinor: Int64 = 0
    /// Whose balance it became; empty: nobody's.
    public var creditedDID = ""
    /// How much of it did.
    public var creditedMinor: Int64 = 0
    /// How much of that was taken back since.
    public var reclaimedMinor: Int64 = 0
    /// What the node bore of it because nobody was left to.
    public var absorbedMinor: Int64 = 0
    /// Whether the unspent money stands in suspense.
    public var isSuspended = false
    /// The settlement that spent it; empty: none.
    public var settlementID = ""
    /// Why it failed or was suspended: a code and a sentence.
    public var refusal: RailRefusal?
    /// Questions to the rail since the last answer that changed something.
    public var looks = 0
    /// When the node next does something for it.
    public var dueAtMs: Int64?

    /// A payment that nobody has told the rail of yet.
    public init(
        id: String, rail: RailName, creator: String, payer: String, amountMinor: Int64, surchargeMinor: Int64,
        currency: String, purpose: Purpose, feeBearer: RailFeeBearer, isDirect: Bool, service: String, type: String,
        metadataJSON: [UInt8], successURL: String, cancelURL: String, expiresAtMs: Int64
    ) {
        self.id = id
        self.rail = rail
        self.creator = creator
        self.payer = payer
        self.amountMinor = amountMinor
        self.surchargeMinor = surchargeMinor
        self.currency = currency
        self.purpose = purpose
        self.feeBearer = feeBearer
        self.isDirect = isDirect
        self.service = service
        self.type = type
        self.metadataJSON = metadataJSON
        self.successURL = successURL
        self.cancelURL = cancelURL
        self.expiresAtMs = expiresAtMs
    }

    /// What the payer pays.
    public var chargedMinor: Int64 { amountMinor + surchargeMinor }

    /// What a settlement takes of the rail's fee before the split: the actual fee where the payees bear it, nothing
    /// where the rail converted, because its fee is in another currency then.
    public var payeesFeeMinor: Int64 {
        feeBearer == .payees && feeCurrency == currency ? max(min(feeMinor, amountMinor), 0) : 0
    }

    /// The currency of the node's account at the rail where the rail converted; `nil`: it did not, or nothing arrived.
    public var settledCurrency: String? { feeCurrency.isEmpty || feeCurrency == currency ? nil : feeCurrency }

    /// The account that the unspent money stands in.
    public var home: AccountKey { isSuspended ? .suspense(rail, currency) : .payments(rail, currency) }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: id, owner: payer, creator: creator, rail: rail.rawValue, reference: reference, status: status.rawValue,
            currency: currency, amountMinor: amountMinor, dueAtMs: dueAtMs)
    }
}

/// Who bears what a rail takes for a payment.
public enum RailFeeBearer: String, Codable, Hashable, Sendable, CaseIterable {
    /// It is taken from the actual fee before the split.
    case payees
    /// The payer pays an amount on top; what it does not cover, or covers too much, is the node's.
    case payer
    /// The node's expense.
    case node
}
