public import Kernel

/// A currency and how Stripe counts it, where that differs from ISO 4217, which is how we count.
///
/// Source: docs.stripe.com/currencies (zero-decimal and three-decimal currencies, special cases).
public struct StripeCurrency: Sendable, Hashable {
    /// As we write it.
    public let currency: Currency
    /// As Stripe writes it: small letters.
    public var code: String { currency.code.lowercased() }

    /// Counted in whole units by Stripe. UGX is on Stripe's list too, and ISK has no decimals since, but the API takes
    /// both in hundredths, which must be 00.
    private static let wholeUnits: Set = [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    ]
    private static let hundredths: Set = ["UGX", "ISK"]
    /// Counted in thousandths, of which the last digit must be 0.
    private static let thousandths: Set = ["BHD", "JOD", "KWD", "OMR", "TND"]
    /// Charged in hundredths, paid out in whole units.
    private static let wholePayouts: Set = ["HUF", "TWD"]
    /// Ours; ISO 4217 and Stripe do not know them.
    private static let tokens: Set<Currency> = [.mjn, .mjnx, .usdc, .sol]

    /// Decimals of Stripe's minor unit.
    private let decimals: Int

    /// - Throws: `stripe_currency_unsupported`.
    public init(_ currency: Currency) throws(StripeAmountError) {
        guard let decimals = Self.decimals(of: currency) else { throw .currencyUnsupported(currency.code) }
        self.currency = currency
        self.decimals = decimals
    }

    /// - Throws: `stripe_currency_unsupported`.
    public init(stripeCode: String) throws(StripeAmountError) {
        guard stripeCode == stripeCode.lowercased(), let currency = Currency.named(stripeCode.uppercased()) else {
            throw .currencyUnsupported(stripeCode)
        }
        try self.init(currency)
    }

    private static func decimals(of currency: Currency) -> Int? {
        if tokens.contains(currency) { return nil }
        if wholeUnits.contains(currency.code) { return 0 }
        if hundredths.contains(currency.code) { return 2 }
        if thousandths.contains(currency.code) { return 3 }
        return currency.exponent == 2 ? 2 : nil
    }

    /// The steps that amounts come in, in Stripe's minor unit.
    func step(for purpose: StripeAmount.Purpose) -> Int64 {
        if Self.hundredths.contains(currency.code) { return 100 }
        if Self.thousandths.contains(currency.code) { return 10 }
        return purpose == .payout && Self.wholePayouts.contains(currency.code) ? 100 : 1
    }

    /// The same in our minor unit, 1 or more.
    func stepMinor(for purpose: StripeAmount.Purpose) -> Int64 {
        let unit = (0..<max(currency.exponent - decimals, 0)).reduce(Int64(1)) { product, _ in product * 10 }
        let finer = (0..<max(decimals - currency.exponent, 0)).reduce(Int64(1)) { product, _ in product * 10 }
        return max(unit, step(for: purpose) / finer)
    }

    /// Our minor units as Stripe's.
    func stripeAmount(_ minor: Int64) throws(StripeAmountError) -> Int64 {
        try scaled(minor, by: decimals - currency.exponent)
    }

    /// Stripe's minor units as ours.
    func minorAmount(_ amount: Int64) throws(StripeAmountError) -> Int64 {
        try scaled(amount, by: currency.exponent - decimals)
    }

    private func scaled(_ amount: Int64, by digits: Int) throws(StripeAmountError) -> Int64 {
        let factor = (0..<digits.magnitude).reduce(Int64(1)) { product, _ in product * 10 }
        if digits >= 0 {
            let (product, overflow) = amount.multipliedReportingOverflow(by: factor)
            guard !overflow else { throw .overflow }
            return product
        }
        guard amount.isMultiple(of: factor) else { throw .notRepresentable(currency: code, step: factor) }
        return amount / factor
    }
}
