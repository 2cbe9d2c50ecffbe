/// Why bytes are no transaction, or instructions make none.
public enum SolanaWireError: Error, Hashable, Sendable {
    /// The bytes end too early.
    case truncated
    /// Bytes are left over.
    case trailingBytes
    /// More than 1232 bytes.
    case tooLarge
    /// A number is not written in its shortest form.
    case numberNotCanonical
    /// A number is above 65,535.
    case numberTooLarge
    /// A message version other than legacy and 0.
    case versionUnsupported
    /// Not as many signatures as the header asks for, or none.
    case signatureCountMismatch
    /// No signer is writable, so that nobody pays the fee.
    case feePayerReadOnly
    /// The header counts more accounts than there are.
    case headerInvalid
    /// An account stands twice among the keys.
    case accountDuplicate
    /// A program index past the static keys.
    case programIndexInvalid
    /// The fee payer is called as a program.
    case programIsFeePayer
    /// An account index past the keys.
    case accountIndexInvalid
    /// A lookup that looks nothing up.
    case lookupEmpty
    /// More accounts than an index can name, or than a transaction may lock.
    case accountsTooMany
    /// More instructions than a transaction may run.
    case instructionsTooMany
    /// A signature is not the signer's over this message.
    case signatureInvalid
    /// A key that must sign is not at hand.
    case signerMissing
    /// A key that has nothing to sign.
    case signerUnexpected

    /// Stable name, for logs and problem documents.
    public var code: String {
        switch self {
        case .truncated: "transaction_truncated"
        case .trailingBytes: "transaction_trailing_bytes"
        case .tooLarge: "transaction_too_large"
        case .numberNotCanonical: "transaction_number_not_canonical"
        case .numberTooLarge: "transaction_number_too_large"
        case .versionUnsupported: "transaction_version_unsupported"
        case .signatureCountMismatch: "transaction_signature_count_mismatch"
        case .feePayerReadOnly: "transaction_fee_payer_read_only"
        case .headerInvalid: "transaction_header_invalid"
        case .accountDuplicate: "transaction_account_duplicate"
        case .programIndexInvalid: "transaction_program_index_invalid"
        case .programIsFeePayer: "transaction_program_is_fee_payer"
        case .accountIndexInvalid: "transaction_account_index_invalid"
        case .lookupEmpty: "transaction_lookup_empty"
        case .accountsTooMany: "transaction_accounts_too_many"
        case .instructionsTooMany: "transaction_instructions_too_many"
        case .signatureInvalid: "transaction_signature_invalid"
        case .signerMissing: "transaction_signer_missing"
        case .signerUnexpected: "transaction_signer_unexpected"
        }
    }
}
