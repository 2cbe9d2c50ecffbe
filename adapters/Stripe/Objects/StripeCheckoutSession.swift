/// A page of Stripe's on which a payer pays.
public struct StripeCheckoutSession: StripeObject {
    /// Where it stands.
    public enum Status: String, Sendable, Equatable, CaseIterable {
        /// The payer is done; the money may still be on its way.
        case complete
        /// Too late.
        case expired
        /// Waiting for the payer.
        case open
    }

    /// Whether the money is there.
    public enum PaymentStatus: String, Sendable, Equatable, CaseIterable {
        /// Nothing to pay.
        case noPaymentRequired = "no_payment_required"
        /// There.
        case paid
        /// Not there (yet).
        case unpaid
    }

    /// `cs_…`
    public let id: StripeID
    /// In Stripe's minor unit.
    public let amountTotal: Int64?
    /// Small letters.
    public let currency: String?
    /// Where it stands.
    public let status: StripeOpen<Status>?
    /// Whether the money is there.
    public let paymentStatus: StripeOpen<PaymentStatus>
    /// The payment behind it; there from the payer's first try on.
    public let paymentIntent: StripeID?
    /// Where the payer goes; nil once it is over.
    public let url: String?
    /// When it was made.
    public let createdAtMs: Int64
    /// When it ends by itself.
    public let expiresAtMs: Int64
    /// Our reference.
    public let clientReferenceID: String?
    /// Ours.
    public let metadata: [String: String]
    /// Whether it is about real money.
    public let isLive: Bool

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "checkout.session")
        id = try fields.id()
        amountTotal = try fields.optionalInteger("amount_total")
        currency = try fields.optionalString("currency")
        status = try fields.optionalOpen("status")
        paymentStatus = try fields.open("payment_status")
        paymentIntent = try fields.optionalReference("payment_intent")
        url = try fields.optionalString("url")
        createdAtMs = try fields.time("created")
        expiresAtMs = try fields.time("expires_at")
        clientReferenceID = try fields.optionalString("client_reference_id")
        metadata = try fields.metadata()
        isLive = try fields.bool("livemode")
    }
}
