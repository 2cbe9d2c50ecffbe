/// A manifest's list of shares as whole numbers over one total, the residual included: they sum to it exactly.
struct ShareList {
    /// How far a sum of weights may be from 1 and still mean 1, in units of 10^-18: 10^-9. Thirds and sevenths written
    /// as doubles stay well inside; a forgotten percent does not.
    static let toleranceAttos: UInt128 = 1_000_000_000

    /// One numerator per contributor, in manifest order.
    let numerators: [UInt64]
    /// What is left for the residual, zero where the weights sum to one.
    let residual: UInt64
    /// The sum of all of them.
    let total: UInt64

    /// Normalizes a list: a sum within 10^-9 of 1, either side, is divided by itself; below that the rest is residual.
    /// - Throws: `weights_exceed_one` where the sum is above 1 + 10^-9.
    init(_ contributors: [Contributor]) throws(ManifestError) {
        let sum = contributors.reduce(into: UInt128(0)) { $0 += UInt128($1.weight.attos) }
        let one = UInt128(Weight.oneAttos)
        guard sum <= one + ShareList.toleranceAttos else {
            throw .weightsExceedOne(sumText: ShareList.decimalText(attos: sum))
        }
        let isWhole = sum + ShareList.toleranceAttos >= one
        let unreducedTotal = isWhole ? UInt64(sum) : Weight.oneAttos
        let unreducedResidual = isWhole ? 0 : Weight.oneAttos - UInt64(sum)
        var divisor = greatestCommonDivisor(unreducedResidual, unreducedTotal)
        for contributor in contributors where divisor > 1 {
            divisor = greatestCommonDivisor(contributor.weight.attos, divisor)
        }
        numerators = contributors.map { $0.weight.attos / divisor }
        residual = unreducedResidual / divisor
        total = unreducedTotal / divisor
    }

    /// A sum of weights as a decimal text, for the message of a refusal.
    private static func decimalText(attos: UInt128) -> String {
        let one = UInt128(Weight.oneAttos)
        let fraction = String(attos % one)
        let padded = String(repeating: "0", count: Weight.decimalsMax - fraction.utf8.count) + fraction
        return "\(attos / one).\(padded)"
    }
}
