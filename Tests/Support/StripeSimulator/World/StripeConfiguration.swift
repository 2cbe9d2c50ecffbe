/// How the simulated Stripe account is set up.
public struct StripeConfiguration: Sendable {
    /// The API version that requests must name, when they name one: the one of the specification.
    public var apiVersion = "2026-10-28.endive"
    /// The keys that are good, `sk_test_…`. A request with another is answered 401.
    public var secretKeys = ["sk_test_simulator"]
    /// The platform's own account, `acct_…`.
    public var platform = "acct_1Platform00000000"
    /// The platform's country and the currency it settles in where it holds no balance in the charge's own.
    public var defaultCurrency = "cad"
    /// The currencies in which the platform holds a balance; charges in others are converted to the default one.
    public var settlementCurrencies = ["cad", "usd"]
    /// What one minor unit of a currency is worth in the default one's, as a fraction; amounts are rounded down.
    public var exchangeRates: [String: (numerator: Int64, denominator: Int64)] = ["eur": (3, 2), "jpy": (1, 1)]
    /// Stripe's fee for a charge: this many ten-thousandths of it, rounded half up, …
    public var feeBasisPoints: Int64 = 290
    /// … and so much besides, in minor units of the settlement currency.
    public var feeFixedMinor: Int64 = 30
    /// Stripe's fee for a dispute, in minor units of the settlement currency.
    public var disputeFeeMinor: Int64 = 1500
    /// How long after a charge its money is available.
    public var settlementDelayMs: Int64 = 2 * 86_400_000
    /// Whether a charge comes without its balance transaction, which `charge.updated` brings so much later.
    public var balanceTransactionDelayMs: Int64?
    /// Whether an account is able to receive transfers as soon as it asks to; otherwise after
    /// ``StripeWorld/onboard(_:nowMs:)``.
    public var accountsStartActive = false
    /// The least amount of a charge by currency; others have 50.
    public var chargeMinimums: [String: Int64] = ["cad": 50, "usd": 50, "eur": 50, "aud": 50, "gbp": 30, "jpy": 50]
    /// The greatest amount of a charge: eight digits.
    public var chargeMaximum: Int64 = 99_999_999
    /// How long until searching finds an object or its change: Stripe's search lags behind by up to a minute.
    public var searchDelayMs: Int64 = 60_000
    /// What becomes of a refund that is more than the available balance.
    public var refundsWhenShort = StripeShortRefund.goNegative
    /// How long an idempotency key is kept.
    public var idempotencyKeptMs: Int64 = 86_400_000
    /// How long a refused webhook is tried again.
    public var webhookRetriedMs: Int64 = 3 * 86_400_000
    /// Where events are delivered.
    public var endpoints: [StripeEndpoint] = []

    /// A Canadian platform without endpoints.
    public init() {}
}

/// What becomes of a refund that is more than the available balance.
public enum StripeShortRefund: Hashable, Sendable {
    /// It succeeds and the balance is below zero until more comes in.
    case goNegative
    /// It is `pending` with `insufficient_funds`, without a balance transaction, until the balance covers it.
    case pending
}
