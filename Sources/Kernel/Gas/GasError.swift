/// Why a price of gas could not be given.
public enum GasError: Error, Hashable, Sendable {
    /// The tier is not 1, 2 or 3.
    case tierUnknown
    /// A count of messages below zero.
    case countInvalid
    /// A base price below zero, or not one for each tier.
    case baseInvalid
    /// The price exceeds ``Money/amountMaxMinor``.
    case amountOverflow

    /// The stable code that clients and scripts read.
    public var code: String {
        switch self {
        case .tierUnknown: "gas_tier_unknown"
        case .countInvalid: "gas_count_invalid"
        case .baseInvalid: "gas_base_invalid"
        case .amountOverflow: "amount_overflow"
        }
    }
}
