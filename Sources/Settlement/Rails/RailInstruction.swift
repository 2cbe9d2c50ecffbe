public import Kernel

/// What a rail is to do. `reference` is ours: the lifecycle's id and the number of the attempt, at most 80 ASCII
/// characters; the rail keeps it with what it makes, so that it can be found again.
public enum RailInstruction: Codable, Hashable, Sendable {
    /// Take money from a payer.
    case collect(CollectInstruction)
    /// Pay a payee.
    case payOut(PayOutInstruction)
    /// Send a payment back, whole or in part.
    case refund(RefundInstruction)
    /// Take a payout back, whole or in part. Its facts are the payout's, with `recalled`.
    case recall(RecallInstruction)

    /// Our reference.
    public var reference: String {
        switch self {
        case .collect(let value): value.reference
        case .payOut(let value): value.reference
        case .refund(let value): value.reference
        case .recall(let value): value.reference
        }
    }
}

/// Take money from a payer.
public struct CollectInstruction: Codable, Hashable, Sendable {
    /// Our reference.
    public let reference: String
    /// The payment, `pay_…`: what transfers and refunds are grouped by.
    public let paymentID: String
    /// What the payer pays, minor units.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// What it is for, for the payer.
    public let description: String
    /// Where the payer goes afterwards.
    public let successURL: String
    /// Where the payer goes who gives up.
    public let cancelURL: String
    /// After this time nobody needs to pay any more, milliseconds since 1970.
    public let expiresAtMs: Int64
    /// When the first call was, milliseconds since 1970.
    public let beganAtMs: Int64
    /// How the payer pays the payees itself; `nil`: it pays the node.
    public let direct: DirectSplit?
    /// Movements that name the payment and paid another: they are not this one's.
    public let disclaimed: [String]

    /// An instruction.
    public init(
        reference: String, paymentID: String, amountMinor: Int64, currency: String, description: String,
        successURL: String, cancelURL: String, expiresAtMs: Int64, beganAtMs: Int64, direct: DirectSplit? = nil,
        disclaimed: [String] = []
    ) {
        self.direct = direct
        self.disclaimed = disclaimed
        self.reference = reference
        self.paymentID = paymentID
        self.amountMinor = amountMinor
        self.currency = currency
        self.description = description
        self.successURL = successURL
        self.cancelURL = cancelURL
        self.expiresAtMs = expiresAtMs
        self.beganAtMs = beganAtMs
    }
}

/// Pay a payee.
public struct PayOutInstruction: Codable, Hashable, Sendable {
    /// Our reference.
    public let reference: String
    /// The payout, `po_…`.
    public let payoutID: String
    /// Minor units.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// Where to, in the rail's own form.
    public let destination: String
    /// Who is paid, a DID's text, for the rail's own records.
    public let payee: String
    /// The payment that it is drawn on at the rail: its id and the rail's name for the movement; `nil`: the balance.
    public let drawnOn: PaymentSource?
    /// When the first call was, milliseconds since 1970.
    public let beganAtMs: Int64

    /// A payment at the rail that payouts are drawn on.
    public struct PaymentSource: Codable, Hashable, Sendable {
        /// The payment, `pay_…`.
        public let paymentID: String
        /// The rail's name for the movement.
        public let source: String

        /// A source.
        public init(paymentID: String, source: String) {
            self.paymentID = paymentID
            self.source = source
        }
    }

    /// An instruction.
    public init(
        reference: String, payoutID: String, amountMinor: Int64, currency: String, destination: String, payee: String,
        drawnOn: PaymentSource?, beganAtMs: Int64
    ) {
        self.reference = reference
        self.payoutID = payoutID
        self.amountMinor = amountMinor
        self.currency = currency
        self.destination = destination
        self.payee = payee
        self.drawnOn = drawnOn
        self.beganAtMs = beganAtMs
    }
}

/// Send a payment back.
public struct RefundInstruction: Codable, Hashable, Sendable {
    /// Our reference.
    public let reference: String
    /// The refund, `rrf_…`.
    public let refundID: String
    /// The payment, `pay_…`.
    public let paymentID: String
    /// The rail's name for the payment.
    public let paymentReference: String
    /// Minor units.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// When the first call was, milliseconds since 1970.
    public let beganAtMs: Int64
    /// An instruction.
    public init(
        reference: String, refundID: String, paymentID: String, paymentReference: String, amountMinor: Int64,
        currency: String, beganAtMs: Int64
    ) {
        self.reference = reference
        self.refundID = refundID
        self.paymentID = paymentID
        self.paymentReference = paymentReference
        self.amountMinor = amountMinor
        self.currency = currency
        self.beganAtMs = beganAtMs
    }
}

/// Take back from a payee a part of what a payout paid.
public struct RecallInstruction: Codable, Hashable, Sendable {
    /// Our reference.
    public let reference: String
    /// The payout, `po_…`.
    public let payoutID: String
    /// The rail's name for it.
    public let payoutReference: String
    /// Minor units. A rail that counts in larger steps takes back what is whole in them.
    public var amountMinor: Int64
    /// The payout's currency code.
    public let currency: String
    /// When the first call was, milliseconds since 1970.
    public let beganAtMs: Int64

    /// An instruction.
    public init(
        reference: String, payoutID: String, payoutReference: String, amountMinor: Int64, currency: String,
        beganAtMs: Int64
    ) {
        self.reference = reference
        self.payoutID = payoutID
        self.payoutReference = payoutReference
        self.amountMinor = amountMinor
        self.currency = currency
        self.beganAtMs = beganAtMs
    }
}
