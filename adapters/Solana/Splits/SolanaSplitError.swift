/// Why a split is none that one transaction can pay. Nothing was sent.
public enum SolanaSplitError: Error, Hashable, Sendable {
    /// Nobody is to be paid.
    case empty
    /// A share is not positive, or all together are past 64 bits.
    case amountInvalid
    /// The memo has more than ``SolanaSplit/memoBytesMax`` bytes.
    case memoTooLong
    /// More than ``SolanaSplit/referencesMax`` references.
    case referencesTooMany
    /// One transaction does not hold it: pay fewer at once, or with a lookup table.
    case tooLargeForRail

    /// Stable code.
    public var code: String {
        switch self {
        case .empty: "split_empty"
        case .amountInvalid: "split_amount_invalid"
        case .memoTooLong: "split_memo_too_long"
        case .referencesTooMany: "split_references_too_many"
        case .tooLargeForRail: "split_too_large_for_rail"
        }
    }
}
