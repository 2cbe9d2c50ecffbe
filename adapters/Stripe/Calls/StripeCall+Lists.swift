/// What a list is narrowed to.
public struct StripeFilter: Sendable, Equatable {
    fileprivate var form = StripeForm()

    /// Everything.
    public init() {}

    /// What was made at or after, and before, those times. Stripe counts in seconds: the bounds are widened to them.
    public init(createdFromMs: Int64, untilMs: Int64? = nil) {
        var bounds = [StripeFormField("gte", .integer(createdFromMs / 1000))]
        if let untilMs { bounds.append(StripeFormField("lte", .integer(untilMs / 1000 + 1))) }
        form.set("created", .map(bounds))
    }

    /// Narrows it further.
    func with(_ name: String, _ value: StripeFormValue) -> StripeFilter {
        var filter = self
        filter.form.set(name, value)
        return filter
    }

    /// Of one of our groups.
    public func group(_ reference: String) -> StripeFilter { with("transfer_group", .string(reference)) }
    /// Of one payment.
    public func paymentIntent(_ id: StripeID) -> StripeFilter { with("payment_intent", .string(id.text)) }
    /// Of one charge.
    public func charge(_ id: StripeID) -> StripeFilter { with("charge", .string(id.text)) }
    /// Of one automatic payout.
    public func payout(_ id: StripeID) -> StripeFilter { with("payout", .string(id.text)) }
    /// Of one object.
    public func source(_ id: StripeID) -> StripeFilter { with("source", .string(id.text)) }
    /// Of these names.
    public func types(_ names: [String]) -> StripeFilter { with("types", .array(names.map { .string($0) })) }
}

/// A list of Stripe's.
public struct StripeCollection<Element: StripeListed>: Sendable {
    let path: String

    init(path: String) { self.path = path }

    /// Objects on a page: the most that Stripe gives.
    public static var pageSize: Int64 { 100 }

    func page(_ filter: StripeFilter, after: StripeID?, on account: StripeID?) -> StripeCall {
        var form = filter.form
        form.set("limit", .integer(Self.pageSize))
        form.set("starting_after", after.map { .string($0.text) })
        return StripeCall(.get, path, form, account: account)
    }
}

extension StripeCollection {
    /// The page of those that come right after one in time: the nearest, the latest first.
    func pageNewer(than id: StripeID, limit: Int, on account: StripeID?) -> StripeCall {
        var form = StripeForm()
        form.set("limit", .integer(Int64(limit)))
        form.set("ending_before", .string(id.text))
        return StripeCall(.get, path, form, account: account)
    }
}

extension StripeCollection where Element == StripePaymentIntent {
    /// Payments; by time.
    public static var paymentIntents: Self { Self(path: "/v1/payment_intents") }
}

extension StripeCollection where Element == StripeCheckoutSession {
    /// Pages; by time and payment.
    public static var checkoutSessions: Self { Self(path: "/v1/checkout/sessions") }
}

extension StripeCollection where Element == StripeCharge {
    /// Charges; by time, group and payment.
    public static var charges: Self { Self(path: "/v1/charges") }
}

extension StripeCollection where Element == StripeRefund {
    /// Refunds; by time, charge and payment.
    public static var refunds: Self { Self(path: "/v1/refunds") }
}

extension StripeCollection where Element == StripeTransfer {
    /// Transfers; by time and group.
    public static var transfers: Self { Self(path: "/v1/transfers") }
}

extension StripeCollection where Element == StripeTransferReversal {
    /// What came back of a transfer.
    public static func reversals(of transfer: StripeID) -> Self { Self(path: "/v1/transfers/\(transfer)/reversals") }
}

extension StripeCollection where Element == StripePayout {
    /// Payouts; by time.
    public static var payouts: Self { Self(path: "/v1/payouts") }
}

extension StripeCollection where Element == StripeDispute {
    /// Disputes; by time, charge and payment.
    public static var disputes: Self { Self(path: "/v1/disputes") }
}

extension StripeCollection where Element == StripeAccount {
    /// Connected accounts; by time.
    public static var accounts: Self { Self(path: "/v1/accounts") }
}

extension StripeCollection where Element == StripeEvent {
    /// What happened in the last 30 days; by time and type.
    public static var events: Self { Self(path: "/v1/events") }
}

extension StripeCollection where Element == StripeBalanceTransaction {
    /// The lines of a balance; by time, payout and source.
    public static var balanceTransactions: Self { Self(path: "/v1/balance_transactions") }
}
