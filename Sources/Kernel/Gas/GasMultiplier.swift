/// One step of the curve: an exact factor on a tier's base price.
public struct GasMultiplier: Hashable, Sendable, CustomStringConvertible {
    /// The factor in halves, so that 1.5 is whole: 3.
    package let halves: Int64

    /// The factor as a decimal text: `1`, `1.5`, `40`.
    public var description: String { halves % 2 == 0 ? "\(halves / 2)" : "\(halves / 2).5" }

    /// base × factor, rounded up to a whole minor unit; nil where it does not fit in 64 bits.
    ///
    /// Only an odd base at 1.5× is ever rounded. Up, so that no message costs less than the curve says.
    func price(baseMinor: Int64) -> Int64? {
        let (product, overflow) = baseMinor.multipliedReportingOverflow(by: halves)
        return overflow ? nil : product / 2 + product % 2
    }
}
