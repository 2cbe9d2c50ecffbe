public import Kernel

/// An amount as Stripe's API takes and gives it: a whole number of Stripe's own minor unit, the currency in small
/// letters. For most currencies that is our minor unit too; ``StripeCurrency`` knows the others.
public struct StripeAmount: Sendable, Hashable {
    /// In Stripe's minor unit.
    public let amount: Int64
    /// Small letters.
    public let currency: String

    /// What the amount is for: limits differ.
    public enum Purpose: Sendable, Hashable, CaseIterable {
        /// Money in from a payer.
        case charge
        /// Money back to a payer.
        case refund
        /// Money between accounts at Stripe, and back.
        case transfer
        /// Money to a bank account.
        case payout
    }

    /// Takes an amount as it came.
    public init(amount: Int64, currency: String) {
        self.amount = amount
        self.currency = currency
    }

    /// Writes an amount of money for Stripe.
    ///
    /// - Throws: `stripe_currency_unsupported`; `stripe_amount_not_positive`; `stripe_amount_too_small` and
    ///   `stripe_amount_too_large` (charges only); `stripe_amount_not_representable` where Stripe takes larger steps
    ///   than our minor unit. Nothing is ever rounded.
    public init(_ money: Money, for purpose: Purpose, limits: StripeAmountLimits) throws(StripeAmountError) {
        let currency = try StripeCurrency(money.currency)
        guard money.amountMinor > 0 else { throw .notPositive }
        let amount = try currency.stripeAmount(money.amountMinor)
        let step = currency.step(for: purpose)
        guard amount.isMultiple(of: step) else { throw .notRepresentable(currency: currency.code, step: step) }
        if purpose == .charge {
            let minimum = limits.minimumAmounts[currency.code] ?? 1
            guard amount >= minimum else { throw .tooSmall(minimum: minimum, currency: currency.code) }
            guard amount <= limits.maximumAmount else {
                throw .tooLarge(maximum: limits.maximumAmount, currency: currency.code)
            }
        }
        self.init(amount: amount, currency: currency.code)
    }

    /// Reads it as money; of any sign.
    ///
    /// - Throws: `stripe_currency_unsupported`; `stripe_amount_not_representable` where it is finer than our minor
    ///   unit.
    public func money() throws(StripeAmountError) -> Money {
        let currency = try StripeCurrency(stripeCode: currency)
        return Money(amountMinor: try currency.minorAmount(amount), currency: currency.currency)
    }
}

/// Why an amount cannot be spoken of with Stripe.
public enum StripeAmountError: Error, Sendable, Hashable {
    /// Stripe does not know the currency, or not as we write it.
    case currencyUnsupported(String)
    /// Zero or less.
    case notPositive
    /// Stripe takes this currency in steps that the amount is none of.
    case notRepresentable(currency: String, step: Int64)
    /// Less than Stripe charges, in Stripe's minor unit.
    case tooSmall(minimum: Int64, currency: String)
    /// More than Stripe charges at once, in Stripe's minor unit.
    case tooLarge(maximum: Int64, currency: String)
    /// Stripe converted where the ledger counts in one currency.
    case converted(String)
    /// More than 64 bits.
    case overflow

    /// Stable, for problems and logs.
    public var code: String {
        switch self {
        case .currencyUnsupported: "stripe_currency_unsupported"
        case .notPositive: "stripe_amount_not_positive"
        case .notRepresentable: "stripe_amount_not_representable"
        case .tooSmall: "stripe_amount_too_small"
        case .tooLarge: "stripe_amount_too_large"
        case .converted: "stripe_amount_converted"
        case .overflow: "stripe_amount_overflow"
        }
    }

    /// What to do about it.
    public var reason: String {
        switch self {
        case .currencyUnsupported(let code): "Stripe does not take \(code)"
        case .notPositive: "the amount must be at least one minor unit"
        case .notRepresentable(let currency, let step):
            "Stripe takes \(currency) in steps of \(step) of its minor units"
        case .tooSmall(let minimum, let currency): "Stripe charges at least \(minimum) minor units of \(currency)"
        case .tooLarge(let maximum, let currency): "Stripe charges at most \(maximum) minor units of \(currency)"
        case .converted(let currency): "Stripe took it in \(currency): an operator has to book it"
        case .overflow: "the amount does not fit"
        }
    }
}

/// What Stripe charges at least and at most. The least is Stripe's to change: it is configuration.
public struct StripeAmountLimits: Sendable, Equatable {
    /// In Stripe's minor unit, by currency in small letters; currencies without one have 1, and Stripe decides
    /// (`amount_too_small`).
    public var minimumAmounts: [String: Int64]
    /// Eight digits.
    public var maximumAmount: Int64

    /// Makes limits.
    public init(
        minimumAmounts: [String: Int64] = standardMinimums, maximumAmount: Int64 = standardMaximum
    ) {
        self.minimumAmounts = minimumAmounts
        self.maximumAmount = maximumAmount
    }

    /// Those that are known: Stripe charges half a dollar or what is like it.
    public static let standardMinimums: [String: Int64] = [
        "usd": 50, "cad": 50, "eur": 50, "aud": 50, "gbp": 30, "jpy": 50,
    ]
    /// Eight digits.
    public static let standardMaximum: Int64 = 99_999_999
}
