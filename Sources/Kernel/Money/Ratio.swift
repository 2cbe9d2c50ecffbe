package import BigInt

/// An exact, reduced fraction, not negative: the share of a payee after every link of a chain was multiplied out.
///
/// Six levels of weights with 18 decimals need some 360 bits, so numerator and denominator are big integers.
public struct Ratio: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let numerator: BigUInt
    package let denominator: BigUInt

    /// Nothing.
    public static let zero = Ratio(0, over: 1)
    /// The whole.
    public static let one = Ratio(1, over: 1)

    /// `numerator` / `denominator`, reduced. The denominator is not zero.
    public init(_ numerator: UInt64, over denominator: UInt64) {
        precondition(denominator > 0, "a ratio over zero")
        let divisor = greatestCommonDivisor(numerator, denominator)
        self.numerator = BigUInt(numerator / divisor)
        self.denominator = BigUInt(denominator / divisor)
    }

    /// The exact product with a fraction of two words, as one link of a chain multiplies a share.
    ///
    /// Reduced by divisions by one word alone, which a greatest common divisor of big integers would take far longer
    /// for.
    package func multiplied(by factor: UInt64, over divisor: UInt64) -> Ratio {
        precondition(divisor > 0, "a ratio over zero")
        guard factor > 0, numerator > 0 else { return .zero }
        let common = greatestCommonDivisor(factor, divisor)
        let (factor, divisor) = (factor / common, divisor / common)
        let top = greatestCommonDivisor(UInt64(numerator % BigUInt(divisor)), divisor)
        let bottom = greatestCommonDivisor(UInt64(denominator % BigUInt(factor)), factor)
        return Ratio(
            reducedNumerator: numerator / BigUInt(top) * BigUInt(factor / bottom),
            reducedDenominator: denominator / BigUInt(bottom) * BigUInt(divisor / top))
    }

    private init(reducedNumerator: BigUInt, reducedDenominator: BigUInt) {
        numerator = reducedNumerator
        denominator = reducedDenominator
    }

    /// Orders by value.
    public static func < (left: Ratio, right: Ratio) -> Bool {
        left.numerator * right.denominator < right.numerator * left.denominator
    }

    /// The reduced fraction, such as `3/5`; whole numbers alone, `0` and `1`.
    public var description: String {
        denominator == 1 ? String(numerator) : "\(numerator)/\(denominator)"
    }
}

/// The greatest common divisor by Euclid's algorithm; that of zero and n is n.
package func greatestCommonDivisor(_ left: UInt64, _ right: UInt64) -> UInt64 {
    var (larger, smaller) = (left, right)
    while smaller != 0 {
        (larger, smaller) = (smaller, larger % smaller)
    }
    return larger
}
