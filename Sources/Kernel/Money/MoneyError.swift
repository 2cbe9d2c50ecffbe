/// Why an amount of money or a currency was refused.
public enum MoneyError: Error, Hashable, Sendable {
    /// The amount is outside what the operation takes: below one minor unit, say, or above ``Money/amountMaxMinor``.
    case amountInvalid
    /// The result does not fit in 64 bits of minor units, or exceeds ``Money/amountMaxMinor``.
    case amountOverflow
    /// Two amounts of different currencies met in one sum.
    case currencyMismatch
    /// The code names no currency of this node.
    case currencyUnknown(String)
    /// A fee is neither zero nor within ``FeeSchedule/bpsRange``, or has nobody to receive it.
    case feeInvalid(String)

    /// The stable code that clients and scripts read.
    public var code: String {
        switch self {
        case .amountInvalid: "amount_invalid"
        case .amountOverflow: "amount_overflow"
        case .currencyMismatch: "currency_mismatch"
        case .currencyUnknown: "currency_unknown"
        case .feeInvalid: "fee_invalid"
        }
    }

    /// One sentence for a person.
    public var reason: String {
        switch self {
        case .amountInvalid: "the amount is outside 1 … \(Money.amountMaxMinor) minor units"
        case .amountOverflow: "the amount does not fit"
        case .currencyMismatch: "amounts of two currencies cannot be added"
        case .currencyUnknown(let code): "no currency is called \(code)"
        case .feeInvalid(let what): what
        }
    }
}
