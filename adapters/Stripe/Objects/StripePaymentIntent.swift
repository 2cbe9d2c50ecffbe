/// A payment on its way in.
public struct StripePaymentIntent: StripeObject {
    /// Where it stands.
    public enum Status: String, Sendable, Equatable, CaseIterable {
        /// Given up; no money will come.
        case canceled
        /// With the bank; takes days for some methods.
        case processing
        /// The payer must do something.
        case requiresAction = "requires_action"
        /// Authorised, waiting to be captured.
        case requiresCapture = "requires_capture"
        /// Waiting to be confirmed.
        case requiresConfirmation = "requires_confirmation"
        /// Waiting for a means of payment, also after one failed.
        case requiresPaymentMethod = "requires_payment_method"
        /// Paid.
        case succeeded
    }

    /// `pi_…`
    public let id: StripeID
    /// In Stripe's minor unit.
    public let amount: Int64
    /// What was captured.
    public let amountReceived: Int64
    /// Small letters.
    public let currency: String
    /// Where it stands.
    public let status: StripeOpen<Status>
    /// When it was made.
    public let createdAtMs: Int64
    /// For the payer's browser; a secret between it and us.
    public let clientSecret: String?
    /// The latest charge.
    public let latestCharge: StripeID?
    /// Why the latest try failed.
    public let lastPaymentError: StripePaymentError?
    /// Why it was given up.
    public let cancellationReason: String?
    /// Groups it with its transfers: our reference.
    public let transferGroup: String?
    /// Ours.
    public let metadata: [String: String]
    /// Whether it is about real money.
    public let isLive: Bool

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "payment_intent")
        id = try fields.id()
        amount = try fields.integer("amount")
        amountReceived = try fields.integer("amount_received")
        currency = try fields.string("currency")
        status = try fields.open("status")
        createdAtMs = try fields.time("created")
        clientSecret = try fields.optionalString("client_secret")
        latestCharge = try fields.optionalReference("latest_charge")
        lastPaymentError = try fields.optionalObject("last_payment_error")
        cancellationReason = try fields.optionalString("cancellation_reason")
        transferGroup = try fields.optionalString("transfer_group")
        metadata = try fields.metadata()
        isLive = try fields.bool("livemode")
    }
}

/// Why a means of payment did not work.
public struct StripePaymentError: StripeObject, Equatable {
    /// Such as `card_declined`.
    public let code: String?
    /// The issuer's reason, such as `insufficient_funds`.
    public let declineCode: String?
    /// For the payer.
    public let message: String?

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        code = try fields.optionalString("code")
        declineCode = try fields.optionalString("decline_code")
        message = try fields.optionalString("message")
    }
}
