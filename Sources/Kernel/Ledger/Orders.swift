public import Cryptography

/// One line of a settlement that a refund takes back.
public struct RefundSource: Codable, Hashable, Sendable {
    /// Whose fee; `nil` for a payee's line.
    public let fee: FeeLine.Kind?
    /// Whose line it is.
    public let did: DID
    /// The line's role, or the fee's kind.
    public let role: String
    /// What the settlement gave the line, minor units.
    public let amountMinor: Int64

    /// A line.
    public init(fee: FeeLine.Kind?, did: DID, role: String, amountMinor: Int64) {
        self.fee = fee
        self.did = did
        self.role = role
        self.amountMinor = amountMinor
    }
}

/// A refund. The facts about the settlement are immutable and were read before; how much is already refunded is the
/// book's.
public struct RefundOrder: Codable, Sendable {
    /// `rfd_…`.
    public let refundID: String
    /// `stl_…`.
    public let settlementID: String
    /// Who paid, and gets it back.
    public let payer: DID
    /// Currency code.
    public let currency: String
    /// The settlement's gross, minor units.
    public let grossMinor: Int64
    /// How much of the gross was paid from credit.
    public let creditMinor: Int64
    /// Fees first, then payees, in the settlement's order; they sum to the gross.
    public let sources: [RefundSource]
    /// Minor units to give back; `nil`: all that is left.
    public let amountMinor: Int64?
    /// Why, as the caller gave it.
    public let reason: String

    /// Where the money goes.
    public var destination = RefundDestination.balance

    /// Whether a line is the payer's own share of what the payer paid from a balance: it moved nothing.
    func isOwn(_ source: RefundSource) -> Bool {
        destination == .balance && source.fee == nil && source.did == payer
    }

    /// An order.
    public init(
        refundID: String, settlementID: String, payer: DID, currency: String, grossMinor: Int64, creditMinor: Int64,
        sources: [RefundSource], amountMinor: Int64?, reason: String
    ) {
        self.refundID = refundID
        self.settlementID = settlementID
        self.payer = payer
        self.currency = currency
        self.grossMinor = grossMinor
        self.creditMinor = creditMinor
        self.sources = sources
        self.amountMinor = amountMinor
        self.reason = reason
    }
}

/// Where a refund's money goes.
public enum RefundDestination: Codable, Hashable, Sendable {
    /// To the payer's balance, where it came from.
    case balance
    /// Back by the rail that the payment came by, as refund `rrf_…`.
    case rail(refundID: String, paymentID: String, rail: RailName)
    /// To the payment `pay_…` that it came from, to be sent on from there.
    case payment(id: String, rail: RailName)
    /// To nobody: a payer's bank took it, and dispute `dsp_…` was lost.
    case dispute(id: String, rail: RailName)

    /// The lifecycles that change with the refund.
    var lifecycleIDs: [String] {
        switch self {
        case .balance: []
        case .rail(let refundID, let paymentID, _): [refundID, paymentID]
        case .payment(let id, _), .dispute(let id, _): [id]
        }
    }

    var rail: RailName? {
        switch self {
        case .balance: nil
        case .rail(_, _, let rail), .payment(_, let rail), .dispute(_, let rail): rail
        }
    }
}

/// Move money from one person's balance to another's: credit stays credit.
public struct TransferOrder: Codable, Sendable {
    /// `trf_…`.
    public let transferID: String
    /// Whose money it is.
    public let from: DID
    /// Who gets it.
    public let to: DID
    /// Minor units, at least 1.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// What for, for people.
    public let memo: String

    /// An order.
    public init(transferID: String, from: DID, to: DID, amountMinor: Int64, currency: String, memo: String) {
        self.transferID = transferID
        self.from = from
        self.to = to
        self.amountMinor = amountMinor
        self.currency = currency
        self.memo = memo
    }
}

/// Reserve money of one account for another.
public struct HoldOrder: Codable, Sendable {
    /// `hld_…`.
    public let holdID: String
    /// The account that will pay.
    public let from: AccountKey
    /// The account that will receive; of the same currency.
    public let to: AccountKey
    /// Minor units, at least 1.
    public let amountMinor: Int64
    /// When the hold lapses, milliseconds since 1970; `nil`: never.
    public let expiresAtMs: Int64?

    /// An order.
    public init(holdID: String, from: AccountKey, to: AccountKey, amountMinor: Int64, expiresAtMs: Int64?) {
        self.holdID = holdID
        self.from = from
        self.to = to
        self.amountMinor = amountMinor
        self.expiresAtMs = expiresAtMs
    }
}

/// How a hold ends. Each hold ends once.
public enum HoldResolution: Codable, Hashable, Sendable {
    /// The money moves: all of it (`nil`) or a part, the rest being released.
    case post(amountMinor: Int64?)
    /// Nothing moves.
    case void
    /// Its time is over; nothing moves.
    case expire
}

/// End a hold. `from` and `to` are the hold's own, immutable, read before.
public struct ResolveHoldOrder: Codable, Sendable {
    /// `hld_…`.
    public let holdID: String
    /// The account that pays.
    public let from: AccountKey
    /// The account that receives.
    public let to: AccountKey
    /// How it ends.
    public let resolution: HoldResolution

    /// An order.
    public init(holdID: String, from: AccountKey, to: AccountKey, resolution: HoldResolution) {
        self.holdID = holdID
        self.from = from
        self.to = to
        self.resolution = resolution
    }
}

/// Put money into a balance: cash against `dev_funding`, credit against `promotions`.
public struct FundOrder: Codable, Sendable {
    /// `fnd_…`.
    public let fundID: String
    /// Whose balance.
    public let did: DID
    /// Minor units, at least 1.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// `false`: cash; `true`: credit.
    public let asCredit: Bool

    /// An order.
    public init(fundID: String, did: DID, amountMinor: Int64, currency: String, asCredit: Bool) {
        self.fundID = fundID
        self.did = did
        self.amountMinor = amountMinor
        self.currency = currency
        self.asCredit = asCredit
    }
}

/// Charge for one message to a recipient.
public struct GasOrder: Codable, Sendable {
    /// `gas_…`.
    public let chargeID: String
    /// Who pays.
    public let sender: DID
    /// The founding DID that the sender shares with its sister businesses, or the sender itself.
    public let cluster: DID
    /// Who is reached.
    public let recipient: DID
    /// 1, 2 or 3.
    public let tier: Int
    /// The node's base price of that tier, minor units of `currency`.
    public let baseMinor: Int64
    /// Currency code, `MJN`.
    public let currency: String

    /// An order.
    public init(
        chargeID: String, sender: DID, cluster: DID, recipient: DID, tier: Int, baseMinor: Int64, currency: String
    ) {
        self.chargeID = chargeID
        self.sender = sender
        self.cluster = cluster
        self.recipient = recipient
        self.tier = tier
        self.baseMinor = baseMinor
        self.currency = currency
    }
}

/// A payer's standing consent for one service.
public struct AllowanceOrder: Codable, Sendable {
    /// Who pays.
    public let payer: DID
    /// Who may ask.
    public let service: DID
    /// Largest single settlement, minor units.
    public let maxAmountMinor: Int64
    /// Largest sum per UTC day, minor units.
    public let perDayMinor: Int64
    /// Currency code.
    public let currency: String
    /// End, milliseconds since 1970.
    public let notAfterMs: Int64

    /// An order.
    public init(
        payer: DID, service: DID, maxAmountMinor: Int64, perDayMinor: Int64, currency: String, notAfterMs: Int64
    ) {
        self.payer = payer
        self.service = service
        self.maxAmountMinor = maxAmountMinor
        self.perDayMinor = perDayMinor
        self.currency = currency
        self.notAfterMs = notAfterMs
    }
}

/// Hold back a DID's money, or let it go again; each change is written to the audit log.
public struct RestrictOrder: Codable, Sendable {
    /// Whose money.
    public let did: DID
    /// What changes.
    public let change: Change
    /// Why, in the operator's words.
    public let reason: String
    /// Who decided.
    public let actor: String

    /// What changes.
    public enum Change: Codable, Hashable, Sendable {
        /// Nothing may be spent.
        case freeze
        /// Spending is allowed again.
        case unfreeze
        /// This much of a currency stays; 0 lifts the limit.
        case holdBack(currency: String, amountMinor: Int64)
    }

    /// An order.
    public init(did: DID, change: Change, reason: String, actor: String) {
        self.did = did
        self.change = change
        self.reason = reason
        self.actor = actor
    }
}
