/// An amount of one currency, in whole minor units.
///
/// Arithmetic is checked: what does not fit is an error value, never a trap and never a wrap.
public struct Money: Hashable, Sendable, CustomStringConvertible {
    /// The largest amount that one request may name, in minor units: the largest integers that JavaScript clients
    /// carry exactly end a little above it (2^53 = 9 007 199 254 740 992).
    public static let amountMaxMinor: Int64 = 9_000_000_000_000_000

    /// Minor units, such as cents; negative where money is owed.
    public let amountMinor: Int64
    /// The currency that the minor units belong to.
    public let currency: Currency

    /// An amount of any sign.
    public init(amountMinor: Int64, currency: Currency) {
        self.amountMinor = amountMinor
        self.currency = currency
    }

    /// An amount that a request may name: 1 … ``amountMaxMinor`` minor units.
    /// - Throws: `amount_invalid` outside of that.
    public static func requested(amountMinor: Int64, currency: Currency) throws(MoneyError) -> Money {
        guard (1...amountMaxMinor).contains(amountMinor) else { throw .amountInvalid }
        return Money(amountMinor: amountMinor, currency: currency)
    }

    /// The sum of two amounts of one currency.
    /// - Throws: `currency_mismatch`, or `amount_overflow` past 64 bits.
    public func adding(_ other: Money) throws(MoneyError) -> Money {
        guard currency == other.currency else { throw .currencyMismatch }
        let (sum, overflow) = amountMinor.addingReportingOverflow(other.amountMinor)
        guard !overflow else { throw .amountOverflow }
        return Money(amountMinor: sum, currency: currency)
    }

    /// The difference of two amounts of one currency.
    /// - Throws: `currency_mismatch`, or `amount_overflow` past 64 bits.
    public func subtracting(_ other: Money) throws(MoneyError) -> Money {
        guard currency == other.currency else { throw .currencyMismatch }
        let (difference, overflow) = amountMinor.subtractingReportingOverflow(other.amountMinor)
        guard !overflow else { throw .amountOverflow }
        return Money(amountMinor: difference, currency: currency)
    }

    /// The amount in major units with all its decimals, such as `-12.05` for -1205 minor units of USD.
    public var decimalText: String {
        var digits = String(amountMinor.magnitude)
        let sign = amountMinor < 0 ? "-" : ""
        guard currency.exponent > 0 else { return sign + digits }
        let missing = currency.exponent + 1 - digits.utf8.count
        if missing > 0 {
            digits = String(repeating: "0", count: missing) + digits
        }
        return sign + digits.dropLast(currency.exponent) + "." + digits.suffix(currency.exponent)
    }

    /// The decimal text and the currency's code, such as `12.05 USD`.
    public var description: String { "\(decimalText) \(currency.code)" }
}
