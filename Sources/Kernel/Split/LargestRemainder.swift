/// The largest-remainder division of a whole number: floor every part, then give the units that are left, one each,
/// to the parts with the largest remainders, ties to the earlier one. The parts sum to the whole exactly.
public enum LargestRemainder {
    /// Divides an amount in proportion to whole-number weights.
    ///
    /// Over the same weights a larger amount may give one part a unit less (the method is not monotone in the whole),
    /// so who divides a growing total step by step keeps what was already given.
    /// - Parameters:
    ///   - amountMinor: minor units, 0 or more.
    ///   - weights: one per part; their sum is not zero, unless the amount is, and fits in 64 bits.
    /// - Returns: one part per weight, in order.
    /// - Throws: `amount_invalid` for a negative amount or nothing to divide it by, `amount_overflow` for weights
    ///   whose sum does not fit.
    public static func split(amountMinor: Int64, weights: [UInt64]) throws(MoneyError) -> [Int64] {
        guard amountMinor >= 0 else { throw .amountInvalid }
        var total: UInt64 = 0
        for weight in weights {
            let (sum, overflow) = total.addingReportingOverflow(weight)
            guard !overflow else { throw .amountOverflow }
            total = sum
        }
        guard total > 0 else {
            guard amountMinor == 0 else { throw .amountInvalid }
            return Array(repeating: 0, count: weights.count)
        }
        return parts(of: amountMinor, weights: weights, total: total)
    }

    /// Parts beyond which the units that are left are given out by sorting instead of by repeated search.
    private static let searchCountMax = 24

    /// The parts of an amount over weights that sum to `total`, by 128-bit products.
    static func parts(of amountMinor: Int64, weights: [UInt64], total: UInt64) -> [Int64] {
        precondition(amountMinor >= 0 && total > 0, "nothing to divide")
        let amount = UInt64(amountMinor)
        let count = weights.count
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { remainders in
            var floored: UInt64 = 0
            var parts = [Int64](unsafeUninitializedCapacity: count) { parts, initialized in
                for index in 0..<count {
                    let (part, remainder) = divide(amount, weights[index], total)
                    floored += part
                    parts[index] = Int64(part)
                    remainders[index] = remainder
                }
                initialized = count
            }
            let left = Int(amount - floored)
            precondition(left < max(count, 1), "more units are left than parts")
            if left > 0 {
                give(left, to: &parts, remainders)
            }
            return parts
        }
    }

    /// amount × weight / total and the remainder; weight ≤ total, so that the quotient is at most the amount.
    @inline(__always)
    private static func divide(_ amount: UInt64, _ weight: UInt64, _ total: UInt64) -> (UInt64, UInt64) {
        let product = amount.multipliedFullWidth(by: weight)
        if product.high == 0 {
            return product.low.quotientAndRemainder(dividingBy: total)
        }
        return total.dividingFullWidth(product)
    }

    /// Adds one unit to each of the `left` parts with the largest remainders, the earlier first among equals.
    ///
    /// The remainders sum to `left` × total and each is below the total, so that more than `left` of them are not zero.
    private static func give(_ left: Int, to parts: inout [Int64], _ remainders: UnsafeMutableBufferPointer<UInt64>) {
        guard parts.count > searchCountMax else {
            for _ in 0..<left {
                var best = 0
                for index in 1..<parts.count where remainders[index] > remainders[best] {
                    best = index
                }
                parts[best] += 1
                remainders[best] = 0
            }
            return
        }
        let order = (0..<parts.count).sorted { earlier, later in
            remainders[earlier] != remainders[later] ? remainders[earlier] > remainders[later] : earlier < later
        }
        for index in order.prefix(left) {
            parts[index] += 1
        }
    }
}
