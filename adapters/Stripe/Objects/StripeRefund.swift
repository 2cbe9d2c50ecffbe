/// Money on its way back to a payer.
public struct StripeRefund: StripeObject {
    /// Where it stands. A refund that succeeded can fail later.
    public enum Status: String, Sendable, Equatable, CaseIterable {
        /// Given up before it went out.
        case canceled
        /// The money came back to us.
        case failed
        /// On its way.
        case pending
        /// The payer must say where to.
        case requiresAction = "requires_action"
        /// Sent.
        case succeeded
    }

    /// `re_…`
    public let id: StripeID
    /// In Stripe's minor unit.
    public let amount: Int64
    /// Small letters.
    public let currency: String
    /// Where it stands.
    public let status: StripeOpen<Status>?
    /// When it was made.
    public let createdAtMs: Int64
    /// The charge that it takes back.
    public let charge: StripeID?
    /// The payment that it takes back.
    public let paymentIntent: StripeID?
    /// What it did to our balance.
    public let balanceTransaction: StripeID?
    /// What undid it where it failed.
    public let failureBalanceTransaction: StripeID?
    /// Why it failed.
    public let failureReason: String?
    /// Why it waits.
    public let pendingReason: String?
    /// Ours.
    public let metadata: [String: String]

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "refund")
        id = try fields.id()
        amount = try fields.integer("amount")
        currency = try fields.string("currency")
        status = try fields.optionalOpen("status")
        createdAtMs = try fields.time("created")
        charge = try fields.optionalReference("charge")
        paymentIntent = try fields.optionalReference("payment_intent")
        balanceTransaction = try fields.optionalReference("balance_transaction")
        failureBalanceTransaction = try fields.optionalReference("failure_balance_transaction")
        failureReason = try fields.optionalString("failure_reason")
        pendingReason = try fields.optionalString("pending_reason")
        metadata = try fields.metadata()
    }
}
