/// A line of a balance at Stripe.
public struct StripeBalanceTransaction: StripeObject {
    /// `txn_…`
    public let id: StripeID
    /// In Stripe's minor unit of the settled currency; negative where money left.
    public let amount: Int64
    /// What Stripe kept.
    public let fee: Int64
    /// `amount` − `fee`.
    public let net: Int64
    /// The settled currency, in small letters.
    public let currency: String
    /// Settled units for one unit of the original currency, as Stripe writes it; nil where nothing was converted.
    public let exchangeRateText: String?
    /// What the fee is made of.
    public let feeDetails: [StripeFeeDetail]
    /// What made the line, such as `charge` or `adjustment`; open.
    public let type: String
    /// What the line is about, such as `dispute_reversal`; tells adjustments apart; open.
    public let reportingCategory: String
    /// `available` or `pending`; open.
    public let status: String
    /// When the money can be used.
    public let availableAtMs: Int64
    /// When it was written.
    public let createdAtMs: Int64
    /// What it belongs to: a charge, a refund, a transfer, a payout…
    public let source: StripeID?
    /// For people.
    public let description: String?

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "balance_transaction")
        id = try fields.id()
        amount = try fields.integer("amount")
        fee = try fields.integer("fee")
        net = try fields.integer("net")
        currency = try fields.string("currency")
        exchangeRateText = try fields.optionalNumberText("exchange_rate")
        feeDetails = try fields.list("fee_details")
        type = try fields.string("type")
        reportingCategory = try fields.string("reporting_category")
        status = try fields.string("status")
        availableAtMs = try fields.time("available_on")
        createdAtMs = try fields.time("created")
        source = try fields.optionalReference("source")
        description = try fields.optionalString("description")
        let (difference, overflow) = amount.subtractingReportingOverflow(fee)
        guard !overflow, difference == net else {
            throw StripeDecodingError(path: "net", expected: "amount less fee")
        }
    }
}

/// A part of a fee.
public struct StripeFeeDetail: StripeObject, Equatable {
    /// In Stripe's minor unit.
    public let amount: Int64
    /// Small letters.
    public let currency: String
    /// Such as `stripe_fee`, `application_fee`, `tax`; open.
    public let type: String

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        amount = try fields.integer("amount")
        currency = try fields.string("currency")
        type = try fields.string("type")
    }
}
