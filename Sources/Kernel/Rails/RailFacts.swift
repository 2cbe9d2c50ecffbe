/// The name of a rail: `stripe`, `emt`, `solana`. It is stored, and stands in account names.
public struct RailName: RawRepresentable, Codable, Hashable, Sendable, CustomStringConvertible {
    /// Lower-case letters and digits, 1-20.
    public let rawValue: String

    /// The name, if it has the form of one.
    public init?(rawValue: String) {
        guard (1...20).contains(rawValue.utf8.count),
            rawValue.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    private init(known: String) { rawValue = known }

    /// Cards, through Stripe Connect.
    public static let stripe = RailName(known: "stripe")
    /// Interac e-Transfer and bank files.
    public static let emt = RailName(known: "emt")
    /// Tokens on Solana.
    public static let solana = RailName(known: "solana")

    /// The name.
    public var description: String { rawValue }
}

/// How far a rail says that something has come. Facts are absolute: the state at the rail, not a change of it.
public enum RailStanding: Codable, Hashable, Sendable {
    /// The rail has it, and has not finished.
    case pending
    /// The money moved.
    case done
    /// It will not move; a code and one sentence. After `done` it means that the money came back.
    case failed(RailRefusal)
    /// Given up by us, by the payer or by time, before any money moved.
    case cancelled
}

/// Why a rail said no.
public struct RailRefusal: Codable, Hashable, Sendable {
    /// Stable code of ours, such as `destination_not_payable`, `amount_below_minimum`, `rail_declined`.
    public let code: String
    /// One sentence for a person, without secrets.
    public let reason: String

    /// A refusal.
    public init(code: String, reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// What a rail knows about one payment, payout or refund, read from the rail itself.
public struct RailFacts: Codable, Hashable, Sendable {
    /// How far it has come.
    public var standing: RailStanding
    /// The rail's name for it.
    public var reference: String
    /// What moved, minor units of the currency that was asked for; of a payment possibly not what was asked.
    public var amountMinor: Int64
    /// Of a payment: the currency that it was made in, where the rail says so; `nil`: the one that was asked for.
    public var currency: String?
    /// What the rail took for it, also where it failed, minor units of `settledCurrency`, by the rail's own figures;
    /// `nil`: not known yet.
    public var feeMinor: Int64?
    /// What reached the node's account before the fee where the rail converted, or left it for a refund: minor units of
    /// `settledCurrency`.
    public var settledMinor: Int64?
    /// The currency of the node's account at the rail where it is another one; `nil`: none was converted.
    public var settledCurrency: String?
    /// Of a converted refund that left the account and failed: what came back to it, minor units of `settledCurrency`.
    public var returnedSettledMinor: Int64?
    /// Of a payout that was made: how much of it has come back since, a total; `nil`: nothing.
    public var returnedMinor: Int64?
    /// Of a payout, asked for its taking back: our reference of that, which is among what came back.
    public var recalled: String?
    /// Where a person pays; `nil`: nowhere, or no longer.
    public var url: String?
    /// The rail's name for the movement that later transfers are drawn on: Stripe's charge, the signature of a
    /// transaction.
    public var source: String?
    /// Where the payer moves the money by itself: the rail's name for that movement, which pays one payment only, also
    /// where it names several.
    public var movement: String?
    /// Of a payment whose payer pays the payees itself: who got what; `nil`: no such payment, or nothing landed.
    public var landed: LandedSplit?

    /// Facts.
    public init(
        standing: RailStanding, reference: String, amountMinor: Int64, feeMinor: Int64? = nil,
        settledMinor: Int64? = nil, settledCurrency: String? = nil, url: String? = nil, source: String? = nil
    ) {
        self.standing = standing
        self.reference = reference
        self.amountMinor = amountMinor
        self.feeMinor = feeMinor
        self.settledMinor = settledMinor
        self.settledCurrency = settledCurrency
        self.url = url
        self.source = source
    }
}

/// What a rail knows about one dispute. Totals, not changes.
public struct DisputeFacts: Codable, Hashable, Sendable {
    /// How it stands.
    public enum Standing: String, Codable, Hashable, Sendable {
        case open, won, lost
    }
    /// The rail's name for it.
    public var reference: String
    /// How it stands.
    public var standing: Standing
    /// What is contested, minor units.
    public var amountMinor: Int64
    /// What the rail has taken from the node's account for it so far, without fees.
    public var withdrawnMinor: Int64
    /// What it has given back of that.
    public var reinstatedMinor: Int64
    /// What it has taken as its fee.
    public var feeMinor: Int64
    /// What it has given back of its fee.
    public var feeReturnedMinor: Int64
    /// The bank's reason, a code.
    public var reason: String
    /// Where the rail converted: what moved in the node's account. The fees are then in its currency, all else is in
    /// the payment's. `nil`: nothing was converted.
    public var settled: SettledDispute?

    /// Facts.
    public init(
        reference: String, standing: Standing, amountMinor: Int64, withdrawnMinor: Int64, reinstatedMinor: Int64,
        feeMinor: Int64, feeReturnedMinor: Int64, reason: String, settled: SettledDispute? = nil
    ) {
        self.settled = settled
        self.reference = reference
        self.standing = standing
        self.amountMinor = amountMinor
        self.withdrawnMinor = withdrawnMinor
        self.reinstatedMinor = reinstatedMinor
        self.feeMinor = feeMinor
        self.feeReturnedMinor = feeReturnedMinor
        self.reason = reason
    }
}

/// What a dispute of a converted payment moved in the node's account at the rail. Totals, minor units of `currency`.
public struct SettledDispute: Codable, Hashable, Sendable {
    /// The account's currency.
    public var currency: String
    /// Taken so far, without fees.
    public var withdrawnMinor: Int64
    /// Given back of that.
    public var reinstatedMinor: Int64

    /// Totals.
    public init(currency: String, withdrawnMinor: Int64, reinstatedMinor: Int64) {
        self.currency = currency
        self.withdrawnMinor = withdrawnMinor
        self.reinstatedMinor = reinstatedMinor
    }
}

/// One attempt to have a rail do something. It is stored before the rail is called, so that after a crash the rail is
/// asked what became of it.
public struct RailAttempt: Codable, Hashable, Sendable {
    /// 1, 2, …: a new one only after the one before it failed for certain.
    public let number: Int
    /// Our idempotency reference at the rail: the lifecycle's id and the number.
    public let reference: String
    /// What the rail's adapter prepared and wants back unchanged, such as the encoded request or a signed transaction.
    public var prepared: [UInt8]
    /// When it was first sent, milliseconds since 1970.
    public let beganAtMs: Int64
    /// How often the rail was asked since the call without a certain answer.
    public var asked = 0
    /// How often it had been asked when the call was made again; `nil`: never.
    public var askedBefore: Int?
    /// Whether the rail said that it never accepted the call: the same call is then made again, in the same attempt.
    public var isAbsent = false
    /// The process that calls, or called last; `nil`: that is not known.
    public var by: String?

    /// An attempt.
    public init(number: Int, id: String, prepared: [UInt8], beganAtMs: Int64, by: String? = nil) {
        self.by = by
        self.number = number
        reference = "\(id)-\(number)"
        self.prepared = prepared
        self.beganAtMs = beganAtMs
    }
}
