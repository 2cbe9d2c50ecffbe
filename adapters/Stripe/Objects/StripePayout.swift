/// Money from a balance at Stripe to a bank account.
public struct StripePayout: StripeObject {
    /// Where it stands. A payout that was paid can fail later.
    public enum Status: String, Sendable, Equatable, CaseIterable {
        /// Given up before it went out.
        case canceled
        /// The money came back.
        case failed
        /// On its way.
        case inTransit = "in_transit"
        /// Said to have arrived.
        case paid
        /// Not yet handed to the bank.
        case pending
    }

    /// Whether the lines that it paid out are all known.
    public enum ReconciliationStatus: String, Sendable, Equatable, CaseIterable {
        /// They are.
        case completed
        /// Not yet.
        case inProgress = "in_progress"
        /// They never will be: it was started by hand.
        case notApplicable = "not_applicable"
    }

    /// `po_…`
    public let id: StripeID
    /// In Stripe's minor unit.
    public let amount: Int64
    /// Small letters.
    public let currency: String
    /// Where it stands.
    public let status: StripeOpen<Status>
    /// Whether Stripe started it by its schedule.
    public let isAutomatic: Bool
    /// When it should arrive.
    public let arrivalAtMs: Int64
    /// When it was made.
    public let createdAtMs: Int64
    /// Whether the lines that it paid out are all known.
    public let reconciliationStatus: StripeOpen<ReconciliationStatus>
    /// What it did to the balance.
    public let balanceTransaction: StripeID?
    /// What undid it where it failed.
    public let failureBalanceTransaction: StripeID?
    /// Why it failed.
    public let failureCode: String?
    /// Why it failed, in words.
    public let failureMessage: String?
    /// The bank's reference.
    public let traceID: String?
    /// Ours.
    public let metadata: [String: String]

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "payout")
        id = try fields.id()
        amount = try fields.integer("amount")
        currency = try fields.string("currency")
        status = try fields.open("status")
        isAutomatic = try fields.bool("automatic")
        arrivalAtMs = try fields.time("arrival_date")
        createdAtMs = try fields.time("created")
        reconciliationStatus = try fields.open("reconciliation_status")
        balanceTransaction = try fields.optionalReference("balance_transaction")
        failureBalanceTransaction = try fields.optionalReference("failure_balance_transaction")
        failureCode = try fields.optionalString("failure_code")
        failureMessage = try fields.optionalString("failure_message")
        traceID = try fields.fields("trace_id")?.optionalString("value")
        metadata = try fields.metadata()
    }
}
