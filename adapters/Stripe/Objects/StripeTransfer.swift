/// Money from our balance to a connected account's.
public struct StripeTransfer: StripeObject {
    /// `tr_…`
    public let id: StripeID
    /// In Stripe's minor unit.
    public let amount: Int64
    /// What came back so far.
    public let amountReversed: Int64
    /// Small letters.
    public let currency: String
    /// When it was made.
    public let createdAtMs: Int64
    /// The connected account.
    public let destination: StripeID?
    /// What it became there: `py_…`
    public let destinationPayment: StripeID?
    /// The charge that it was taken from.
    public let sourceTransaction: StripeID?
    /// What it did to our balance.
    public let balanceTransaction: StripeID?
    /// Whether all of it came back.
    public let isReversed: Bool
    /// What came back, the latest first: the first page.
    public let reversals: StripeList<StripeTransferReversal>
    /// Our reference.
    public let transferGroup: String?
    /// Ours.
    public let metadata: [String: String]

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "transfer")
        id = try fields.id()
        amount = try fields.integer("amount")
        amountReversed = try fields.integer("amount_reversed")
        currency = try fields.string("currency")
        createdAtMs = try fields.time("created")
        destination = try fields.optionalReference("destination")
        destinationPayment = try fields.optionalReference("destination_payment")
        sourceTransaction = try fields.optionalReference("source_transaction")
        balanceTransaction = try fields.optionalReference("balance_transaction")
        isReversed = try fields.bool("reversed")
        reversals = try fields.object("reversals")
        transferGroup = try fields.optionalString("transfer_group")
        metadata = try fields.metadata()
    }
}

/// Money that came back from a connected account.
public struct StripeTransferReversal: StripeObject {
    /// `trr_…`
    public let id: StripeID
    /// In Stripe's minor unit.
    public let amount: Int64
    /// Small letters.
    public let currency: String
    /// When it was made.
    public let createdAtMs: Int64
    /// The transfer that it takes back.
    public let transfer: StripeID
    /// What it did to our balance.
    public let balanceTransaction: StripeID?
    /// Ours.
    public let metadata: [String: String]

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "transfer_reversal")
        id = try fields.id()
        amount = try fields.integer("amount")
        currency = try fields.string("currency")
        createdAtMs = try fields.time("created")
        transfer = try fields.reference("transfer")
        balanceTransaction = try fields.optionalReference("balance_transaction")
        metadata = try fields.metadata()
    }
}
