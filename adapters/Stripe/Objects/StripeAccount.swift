/// A seller's account that is connected to ours.
public struct StripeAccount: StripeObject {
    /// Whether a capability can be used.
    public enum Capability: String, Sendable, Equatable, CaseIterable {
        /// It can.
        case active
        /// It cannot: something is due.
        case inactive
        /// Stripe is looking.
        case pending
    }

    /// What Stripe still wants to know.
    public struct Requirements: StripeObject, Equatable {
        /// Due now, or capabilities end.
        public let currentlyDue: [String]
        /// Due later.
        public let eventuallyDue: [String]
        /// Overdue: capabilities have ended.
        public let pastDue: [String]
        /// With Stripe.
        public let pendingVerification: [String]
        /// Why the account is held back, such as `requirements.past_due`; open.
        public let disabledReason: String?

        /// See ``StripeObject``.
        public init(_ fields: StripeFields) throws(StripeDecodingError) {
            currentlyDue = try fields.strings("currently_due")
            eventuallyDue = try fields.strings("eventually_due")
            pastDue = try fields.strings("past_due")
            pendingVerification = try fields.strings("pending_verification")
            disabledReason = try fields.optionalString("disabled_reason")
        }
    }

    /// `acct_…`
    public let id: StripeID
    /// Whether it may be sent transfers. This, and not `charges_enabled`, is what decides.
    public let transfers: StripeOpen<Capability>?
    /// Whether it may take cards itself.
    public let cardPayments: StripeOpen<Capability>?
    /// Whether it may take charges.
    public let areChargesEnabled: Bool
    /// Whether Stripe pays out to its bank.
    public let arePayoutsEnabled: Bool
    /// Whether its owner has been through the form.
    public let areDetailsSubmitted: Bool
    /// What Stripe still wants to know.
    public let requirements: Requirements?
    /// ISO 3166-1, two letters.
    public let country: String?
    /// Small letters.
    public let defaultCurrency: String?
    /// When it was made.
    public let createdAtMs: Int64?
    /// Ours.
    public let metadata: [String: String]

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "account")
        id = try fields.id()
        let capabilities = try fields.fields("capabilities")
        transfers = try capabilities?.optionalOpen("transfers")
        cardPayments = try capabilities?.optionalOpen("card_payments")
        areChargesEnabled = try fields.optionalBool("charges_enabled") ?? false
        arePayoutsEnabled = try fields.optionalBool("payouts_enabled") ?? false
        areDetailsSubmitted = try fields.optionalBool("details_submitted") ?? false
        requirements = try fields.optionalObject("requirements")
        country = try fields.optionalString("country")
        defaultCurrency = try fields.optionalString("default_currency")
        createdAtMs = try fields.optionalTime("created")
        metadata = try fields.metadata()
    }

    /// Whether a transfer to it will be taken.
    public var takesTransfers: Bool { transfers == .known(.active) }
}

/// Where a seller goes once to fill in Stripe's form. Good for one visit: never stored, never given out twice.
public struct StripeAccountLink: StripeObject {
    /// Where to.
    public let url: String
    /// When it ends.
    public let expiresAtMs: Int64

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "account_link")
        url = try fields.string("url")
        expiresAtMs = try fields.time("expires_at")
    }
}

/// Where a seller goes once to see its balance at Stripe.
public struct StripeLoginLink: StripeObject {
    /// Where to.
    public let url: String

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "login_link")
        url = try fields.string("url")
    }
}
