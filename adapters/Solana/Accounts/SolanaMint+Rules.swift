extension SolanaMint {
    /// Why the node does not deal in a token.
    public enum Refusal: Error, Hashable, Sendable {
        /// The account is no mint.
        case notAMint
        /// It has other decimals than were configured.
        case decimalsMismatch
        /// It belongs to another token program than was configured.
        case programMismatch
        /// A part of every transfer goes elsewhere, or may at any time.
        case transferFee
        /// A program of somebody's runs at every transfer, or may at any time.
        case transferHook
        /// Somebody may take tokens out of every account.
        case permanentDelegate
        /// New accounts are frozen.
        case defaultFrozen
        /// Tokens cannot be moved, or can be stopped for everybody.
        case notTransferable
        /// Something that this version does not know.
        case extensionUnknown(UInt16)

        /// Stable code.
        public var code: String {
            switch self {
            case .notAMint: "mint_invalid"
            case .decimalsMismatch: "mint_decimals_mismatch"
            case .programMismatch: "mint_program_mismatch"
            case .transferFee: "mint_transfer_fee"
            case .transferHook: "mint_transfer_hook"
            case .permanentDelegate: "mint_permanent_delegate"
            case .defaultFrozen: "mint_default_frozen"
            case .notTransferable: "mint_not_transferable"
            case .extensionUnknown: "mint_extension_unknown"
            }
        }
    }

    /// What speaks against moving tokens of this mint as if one sent were one received; nil: nothing.
    ///
    /// Fees and hooks are refused also where they are switched off now: their authority can switch them on.
    public var refusal: Refusal? {
        for entry in extensions {
            switch entry.type {
            case 1: return .transferFee
            case 6: if entry.data.first != 1 { return .defaultFrozen }
            case 9, 26: return .notTransferable
            case 12: return .permanentDelegate
            case 14: return .transferHook
            // Closing at no supply, confidential transfers, interest and scale of what is shown, pointers, metadata and
            // groups: they leave base units of plain transfers as they are.
            case 3, 4, 10, 16, 18, 19, 20, 21, 22, 23, 24, 25: continue
            default: return .extensionUnknown(entry.type)
            }
        }
        return nil
    }

    /// Checks a configured token against the chain.
    ///
    /// - Parameters:
    ///   - token: what was configured.
    ///   - account: what stands at the mint's address; nil: nothing.
    /// - Throws: every ``Refusal``.
    public static func check(_ token: SolanaToken, _ account: SolanaAccount?) throws(Refusal) {
        guard let account, let mint = SolanaMint(account) else { throw .notAMint }
        guard mint.program == token.program else { throw .programMismatch }
        guard mint.decimals == token.decimals else { throw .decimalsMismatch }
        if let refusal = mint.refusal { throw refusal }
    }
}
