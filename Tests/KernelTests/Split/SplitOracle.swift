import BigInt
import Cryptography
import Kernel

/// Divides a tree of manifests by other means than the kernel: decimal strings read by hand, plain fractions over one
/// common denominator, no shortcut.
struct SplitOracle {
    struct Line {
        let payee: String
        let numerator: BigInt
        let via: [String]
        let isResidual: Bool
    }

    let lines: [Line]
    let denominator: BigInt

    private static let one = BigInt(10).power(18)
    private static let tolerance = BigInt(10).power(9)

    init(_ tree: RandomManifest) {
        let fractions = SplitOracle.fractions(tree, numerator: 1, denominator: 1, via: [])
        let common = fractions.reduce(BigInt(1)) {
            $0 / $0.greatestCommonDivisor(with: $1.denominator) * $1.denominator
        }
        denominator = common
        lines = fractions.map {
            Line(
                payee: $0.payee, numerator: $0.numerator * (common / $0.denominator), via: $0.via,
                isResidual: $0.isResidual)
        }
    }

    /// Floors and remainders first, then a stable sort by remainder.
    func split(_ amount: Int64) -> [Int64] {
        let divided = lines.map { (BigInt(amount) * $0.numerator).quotientAndRemainder(dividingBy: denominator) }
        var parts = divided.map { Int64($0.quotient) }
        let left = Int(amount - parts.reduce(0, +))
        let order = divided.indices.sorted {
            divided[$0].remainder == divided[$1].remainder ? $0 < $1 : divided[$0].remainder > divided[$1].remainder
        }
        for index in order.prefix(left) {
            parts[index] += 1
        }
        return parts
    }

    private typealias Fraction = (
        payee: String, numerator: BigInt, denominator: BigInt, via: [String], isResidual: Bool
    )

    private static func fractions(
        _ tree: RandomManifest, numerator: BigInt, denominator: BigInt, via: [String]
    ) -> [Fraction] {
        let weights = tree.entries.map { attos($0.weight) }
        let sum = weights.reduce(0, +)
        let isWhole = abs(sum - one) <= tolerance
        let total = denominator * (isWhole ? sum : one)
        var fractions: [Fraction] = []
        for (entry, weight) in zip(tree.entries, weights) {
            if let child = entry.child {
                fractions += SplitOracle.fractions(
                    child, numerator: numerator * weight, denominator: total,
                    via: via + [child.manifest.cid.string])
            } else {
                fractions.append((entry.payee, numerator * weight, total, via, false))
            }
        }
        if !isWhole {
            fractions.append((tree.beneficiary, numerator * (one - sum), total, via, true))
        }
        return fractions
    }

    /// A weight in units of 10^-18: the nearest double's shortest text, its point moved.
    private static func attos(_ text: String) -> BigInt {
        guard let double = Double(text) else { preconditionFailure("no number: \(text)") }
        let shortest = "\(double)"
        let halves = shortest.split(separator: "e")
        let mantissa = halves[0].split(separator: ".")
        let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
        let exponent = (halves.count > 1 ? Int(halves[1]) ?? 0 : 0) - fraction.count + 18
        let digits = BigInt(String(mantissa[0]) + fraction) ?? 0
        if exponent >= 0 { return digits * BigInt(10).power(exponent) }
        let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: BigInt(10).power(-exponent))
        precondition(remainder == 0, "more than 18 decimals")
        return quotient
    }
}
