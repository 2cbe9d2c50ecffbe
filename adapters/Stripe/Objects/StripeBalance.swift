/// What an account has at Stripe.
public struct StripeBalance: StripeObject {
    /// An amount of one currency.
    public struct Part: StripeObject, Equatable {
        /// In Stripe's minor unit; negative where money is owed.
        public let amount: Int64
        /// Small letters.
        public let currency: String

        /// See ``StripeObject``.
        public init(_ fields: StripeFields) throws(StripeDecodingError) {
            amount = try fields.integer("amount")
            currency = try fields.string("currency")
        }
    }

    /// Can be used now.
    public let available: [Part]
    /// Will be.
    public let pending: [Part]
    /// Held back for connected accounts that owe.
    public let connectReserved: [Part]

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "balance")
        available = try fields.list("available")
        pending = try fields.list("pending")
        connectReserved = fields.optional("connect_reserved") == nil ? [] : try fields.list("connect_reserved")
    }
}
