import Kernel

/// Minor units as decimals of their currency, exact.
enum Decimal {
    /// For example `-12.05`; of an unknown currency the minor units themselves.
    static func number(_ minor: Int128, currency: String) -> String {
        let exponent = Currency.named(currency)?.exponent ?? 0
        let digits = String(minor.magnitude)
        let sign = minor < 0 ? "-" : ""
        guard exponent > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
        return sign + padded.dropLast(exponent) + "." + padded.suffix(exponent)
    }

    /// For example `-12.05 USD`.
    static func text(_ minor: Int128, currency: String) -> String {
        number(minor, currency: currency) + " " + currency
    }

    /// For example `-12.05 USD`.
    static func text(_ minor: Int64, currency: String) -> String { text(Int128(minor), currency: currency) }
}
