import BigInt

extension LargestRemainder {
    /// The parts of an amount over exact ratios that sum to one, whatever their denominators.
    ///
    /// Slower than the division over one 64-bit total and equal to it where both apply. The ratios need no common
    /// denominator, which over thousands of lines could grow without bound.
    static func parts(of amountMinor: Int64, ratios: [Ratio]) -> [Int64] {
        precondition(amountMinor >= 0, "a negative amount has no parts")
        let amount = BigUInt(UInt64(amountMinor))
        var parts: [Int64] = []
        var fractions: [UInt64] = []
        parts.reserveCapacity(ratios.count)
        fractions.reserveCapacity(ratios.count)
        var floored: Int64 = 0
        for ratio in ratios {
            // One division gives the whole units and the first 64 bits of the fraction, which decide most comparisons.
            let scaled = ((amount * ratio.numerator) << 64) / ratio.denominator
            let part = Int64(scaled >> 64)
            parts.append(part)
            fractions.append(UInt64(truncatingIfNeeded: scaled))
            floored += part
        }
        let left = Int(amountMinor - floored)
        precondition((0..<max(ratios.count, 1)).contains(left), "the ratios do not sum to one")
        guard left > 0 else { return parts }
        let order = ratios.indices.sorted { one, other in
            if fractions[one] != fractions[other] { return fractions[one] > fractions[other] }
            return isFirst(one, other, amount, ratios)
        }
        for index in order.prefix(left) {
            parts[index] += 1
        }
        return parts
    }

    /// Whether one part gets a unit before another whose fraction begins alike: by the exact fractions, then by order.
    private static func isFirst(_ one: Int, _ other: Int, _ amount: BigUInt, _ ratios: [Ratio]) -> Bool {
        guard ratios[one] != ratios[other] else { return one < other }
        let (first, second) = (ratios[one], ratios[other])
        let left = (amount * first.numerator) % first.denominator * second.denominator
        let right = (amount * second.numerator) % second.denominator * first.denominator
        return left != right ? left > right : one < other
    }
}
