/// One movement of money from a payer to us; on a connected account, what a transfer became.
public struct StripeCharge: StripeObject {
    /// Where it stands.
    public enum Status: String, Sendable, Equatable, CaseIterable {
        /// No money came.
        case failed
        /// With the bank.
        case pending
        /// Paid.
        case succeeded
    }

    /// `ch_…` or `py_…`
    public let id: StripeID
    /// In Stripe's minor unit.
    public let amount: Int64
    /// What was captured.
    public let amountCaptured: Int64
    /// What went back so far.
    public let amountRefunded: Int64
    /// Small letters: what the payer paid in, not what we were credited in.
    public let currency: String
    /// Where it stands.
    public let status: StripeOpen<Status>
    /// Whether it was authorised or captured.
    public let isPaid: Bool
    /// Whether the payer disputes it.
    public let isDisputed: Bool
    /// When it was made.
    public let createdAtMs: Int64
    /// What it did to our balance: amount, fee and currency as settled. May come late, with `charge.updated`.
    public let balanceTransaction: StripeID?
    /// What undid it where it failed after it had been credited.
    public let failureBalanceTransaction: StripeID?
    /// Why it failed.
    public let failureCode: String?
    /// Why it failed, in words.
    public let failureMessage: String?
    /// The payment that it belongs to.
    public let paymentIntent: StripeID?
    /// On a connected account: the transfer that it came from.
    public let sourceTransfer: StripeID?
    /// Groups it with its transfers: our reference.
    public let transferGroup: String?
    /// Ours.
    public let metadata: [String: String]

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "charge")
        id = try fields.id()
        amount = try fields.integer("amount")
        amountCaptured = try fields.integer("amount_captured")
        amountRefunded = try fields.integer("amount_refunded")
        currency = try fields.string("currency")
        status = try fields.open("status")
        isPaid = try fields.bool("paid")
        isDisputed = try fields.bool("disputed")
        createdAtMs = try fields.time("created")
        balanceTransaction = try fields.optionalReference("balance_transaction")
        failureBalanceTransaction = try fields.optionalReference("failure_balance_transaction")
        failureCode = try fields.optionalString("failure_code")
        failureMessage = try fields.optionalString("failure_message")
        paymentIntent = try fields.optionalReference("payment_intent")
        sourceTransfer = try fields.optionalReference("source_transfer")
        transferGroup = try fields.optionalString("transfer_group")
        metadata = try fields.metadata()
    }
}
