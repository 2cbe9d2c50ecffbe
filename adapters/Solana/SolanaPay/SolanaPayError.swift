/// Why a text is no request of Solana Pay.
public enum SolanaPayError: Error, Hashable, Sendable {
    /// Not `solana:`.
    case schemeInvalid
    /// More than ``SolanaPayURL/charactersMax`` characters.
    case tooLong
    /// A percent sign without two digits, or text that is not UTF-8.
    case encodingInvalid
    /// A recipient, token or reference that is no address.
    case addressInvalid
    /// An amount that is none.
    case amountInvalid
    /// A field that may stand once stands twice.
    case fieldDuplicate
    /// A link that is not https.
    case linkInvalid

    /// Stable code.
    public var code: String {
        switch self {
        case .schemeInvalid: "solana_pay_scheme_invalid"
        case .tooLong: "solana_pay_too_long"
        case .encodingInvalid: "solana_pay_encoding_invalid"
        case .addressInvalid: "solana_pay_address_invalid"
        case .amountInvalid: "solana_pay_amount_invalid"
        case .fieldDuplicate: "solana_pay_field_duplicate"
        case .linkInvalid: "solana_pay_link_invalid"
        }
    }
}
