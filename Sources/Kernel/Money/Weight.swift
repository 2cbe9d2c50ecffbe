/// The weight of a contributor as its manifest states it: an exact decimal from 0 to 1, of at most 18 decimals.
///
/// Held as a whole number of 10^-18, so that adding weights never rounds. The text is the canonical one of RFC 8785,
/// because that is what the manifest's signature covers: `0.30000000000000004` and `1e-7` are weights, `0.50` never
/// appears.
public struct Weight: Hashable, Comparable, Sendable {
    /// Decimals that a weight may have; past them the manifest is malformed.
    public static let decimalsMax = 18

    /// What 1 is in units of 10^-18.
    public static let oneAttos: UInt64 = 1_000_000_000_000_000_000

    /// The weight in units of 10^-18, 0 … ``oneAttos``.
    public let attos: UInt64

    /// A weight of so many units of 10^-18, or nil above 1.
    public init?(attos: UInt64) {
        guard attos <= Weight.oneAttos else { return nil }
        self.attos = attos
    }

    /// The weight written by a number's RFC 8785 text, with or without an exponent.
    ///
    /// Nil when the text is no such number, is negative or above 1, or has more than 18 decimals.
    public init?(decimalText text: String) {
        guard let number = DecimalText(text), let attos = number.scaled(decimals: Weight.decimalsMax) else {
            return nil
        }
        self.init(attos: attos)
    }

    /// The same value as a reduced fraction.
    public var ratio: Ratio { Ratio(attos, over: Weight.oneAttos) }

    /// Orders by value.
    public static func < (left: Weight, right: Weight) -> Bool { left.attos < right.attos }
}
