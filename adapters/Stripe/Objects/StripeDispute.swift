/// A payer's bank takes a charge back, or asks about it.
public struct StripeDispute: StripeObject {
    /// Where it stands.
    public enum Status: String, Sendable, Equatable, CaseIterable {
        /// Lost, appealed, waiting for our evidence.
        case appealNeedsResponse = "appeal_needs_response"
        /// Lost, appealed, with the bank.
        case appealUnderReview = "appeal_under_review"
        /// The payer keeps the money.
        case lost
        /// Waiting for our evidence.
        case needsResponse = "needs_response"
        /// Stopped before it became one.
        case prevented
        /// With the bank.
        case underReview = "under_review"
        /// A question that ended.
        case warningClosed = "warning_closed"
        /// A question that waits for our answer.
        case warningNeedsResponse = "warning_needs_response"
        /// A question that is with the bank.
        case warningUnderReview = "warning_under_review"
        /// The money came back to us.
        case won
    }

    /// `dp_…` or `du_…`
    public let id: StripeID
    /// In Stripe's minor unit.
    public let amount: Int64
    /// Small letters.
    public let currency: String
    /// Where it stands.
    public let status: StripeOpen<Status>
    /// Why, such as `fraudulent`; open.
    public let reason: String
    /// When it was opened.
    public let createdAtMs: Int64
    /// The charge that is taken back.
    public let charge: StripeID
    /// The payment that it belongs to.
    public let paymentIntent: StripeID?
    /// What it did to our balance so far: taken on withdrawal, given back on reinstatement.
    public let balanceTransactions: [StripeBalanceTransaction]
    /// Until when evidence counts.
    public let evidenceDueAtMs: Int64?
    /// Ours.
    public let metadata: [String: String]

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "dispute")
        id = try fields.id()
        amount = try fields.integer("amount")
        currency = try fields.string("currency")
        status = try fields.open("status")
        reason = try fields.string("reason")
        createdAtMs = try fields.time("created")
        charge = try fields.reference("charge")
        paymentIntent = try fields.optionalReference("payment_intent")
        balanceTransactions = try fields.list("balance_transactions")
        evidenceDueAtMs = try fields.fields("evidence_details")?.optionalTime("due_by")
        metadata = try fields.metadata()
    }
}
