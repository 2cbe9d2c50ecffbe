/// A payer, a service and a currency.
public struct AllowanceKey: Hashable, Sendable {
    /// Who pays.
    public let payer: String
    /// Who may ask.
    public let service: String
    /// Currency code.
    public let currency: String

    /// A key.
    public init(payer: String, service: String, currency: String) {
        self.payer = payer
        self.service = service
        self.currency = currency
    }
}

/// A standing allowance and what was used of it today.
public struct AllowanceRow: Hashable, Sendable {
    /// Whose, for whom, in what.
    public let key: AllowanceKey
    /// Largest single settlement.
    public var maxAmountMinor: Int64
    /// Largest sum per UTC day.
    public var perDayMinor: Int64
    /// End, milliseconds since 1970.
    public var notAfterMs: Int64
    /// The day `spentMinor` counts, days since 1970.
    public var spentDay: Int64
    /// Spent on that day.
    public var spentMinor: Int64

    /// An allowance.
    public init(
        key: AllowanceKey, maxAmountMinor: Int64, perDayMinor: Int64, notAfterMs: Int64, spentDay: Int64,
        spentMinor: Int64
    ) {
        self.key = key
        self.maxAmountMinor = maxAmountMinor
        self.perDayMinor = perDayMinor
        self.notAfterMs = notAfterMs
        self.spentDay = spentDay
        self.spentMinor = spentMinor
    }
}

/// A payer's one-time authorization.
public struct AuthorizationKey: Hashable, Sendable {
    /// Who signed it.
    public let payer: String
    private let nonceBytes: ByteText

    /// Its nonce.
    public var nonce: String { nonceBytes.text }

    /// A key.
    public init(payer: String, nonce: String) {
        self.payer = payer
        nonceBytes = ByteText(nonce)
    }
}

/// An authorization that was spent.
public struct AuthorizationRow: Hashable, Sendable {
    /// Which one.
    public let key: AuthorizationKey
    /// After this time it needs no remembering.
    public let notAfterMs: Int64
    /// The settlement that it was spent with.
    public let settlementID: String
    /// The payer's statement, kept with the settlement for ever; nil where the command did not carry it.
    public let token: String?
    /// When it was spent, milliseconds since 1970.
    public let timeMs: Int64
}

/// A hold's state.
public struct HoldRow: Hashable, Sendable {
    /// A hold's life: `pending` once, then one of the others for ever.
    public enum Status: String, Sendable, CaseIterable {
        /// Money is reserved.
        case pending
        /// The money moved, whole or in part.
        case posted
        /// Released.
        case voided
        /// Released by time.
        case expired
    }
    /// `hld_…`.
    public let holdID: String
    /// The account that pays.
    public let from: AccountKey
    /// The account that receives.
    public let to: AccountKey
    /// What was reserved.
    public let amountMinor: Int64
    /// When it lapses; `nil`: never.
    public let expiresAtMs: Int64?
    /// Where it stands.
    public var status: Status
    /// What moved.
    public var postedMinor: Int64
    /// The entry that made it.
    public let madeSeq: Int64
    /// The entry that ended it, 0 while pending.
    public var endedSeq: Int64

    /// A hold.
    public init(
        holdID: String, from: AccountKey, to: AccountKey, amountMinor: Int64, expiresAtMs: Int64?, status: Status,
        postedMinor: Int64, madeSeq: Int64, endedSeq: Int64
    ) {
        self.holdID = holdID
        self.from = from
        self.to = to
        self.amountMinor = amountMinor
        self.expiresAtMs = expiresAtMs
        self.status = status
        self.postedMinor = postedMinor
        self.madeSeq = madeSeq
        self.endedSeq = endedSeq
    }
}

/// A cluster of senders and a recipient.
public struct GasKey: Hashable, Sendable {
    /// The founding DID.
    public let cluster: String
    /// Who is reached.
    public let recipient: String

    /// A pair.
    public init(cluster: String, recipient: String) {
        self.cluster = cluster
        self.recipient = recipient
    }
}

/// A counted message.
public struct GasMessageRow: Hashable, Sendable {
    /// Cluster and recipient.
    public let key: GasKey
    /// `gas_…`.
    public let chargeID: String
    /// Who sent it.
    public let sender: String
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// What it cost, minor units.
    public let amountMinor: Int64
}

/// A change to a DID's restrictions, with its line in the audit log.
public struct RestrictionRow: Sendable {
    /// The order.
    public let order: RestrictOrder
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// The audit line's id: the command's caller and key.
    public let auditID: String
}

/// A line of the audit log about a lifecycle.
public struct AuditRow: Hashable, Sendable {
    /// The command's identity.
    public let auditID: String
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// Who and why.
    public let note: AuditNote
    /// What was done: the entry's cause, such as `payment_assigned`.
    public let action: String
    /// The lifecycle.
    public let subject: String
}
