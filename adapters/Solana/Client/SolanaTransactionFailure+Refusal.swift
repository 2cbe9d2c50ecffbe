public import Kernel

extension SolanaTransactionFailure {
    /// The refusal that it comes to, by the program that was called.
    public func refusal(of message: SolanaMessage) -> RailRefusal {
        let program: SolanaAddress? =
            switch self {
            case .whole: nil
            case .instruction(let index, _), .custom(let index, _):
                message.calls.indices.contains(index) ? message.accounts[Int(message.calls[index].program)] : nil
            }
        return RailRefusal(code: Self.code(self, program), reason: "the chain refused the transaction: \(self)")
    }

    /// Whether the node has to mend it, and no payee can.
    func isNodes(in message: SolanaMessage) -> Bool { Self.nodesCodes.contains(refusal(of: message).code) }

    private static let nodesCodes: Set<String> = [
        "rail_insufficient_funds", "rail_compute_limit_too_low", "rail_fee_payer_low", "mint_mismatch",
        "mint_decimals_mismatch", "rail_source_owner_mismatch",
    ]

    /// Whether it lies with the one account or the other of a transfer: its number does not say with which.
    var isEithers: Bool {
        switch self {
        case .custom(_, Self.frozen), .instruction(_, Self.invalidAccount): true
        default: false
        }
    }

    private static let frozen: Int64 = 17
    private static let invalidAccount = "InvalidAccountData"

    private static func code(_ failure: Self, _ program: SolanaAddress?) -> String {
        switch failure {
        case .custom(_, let code) where program.map(SolanaProgram.isToken) == true: tokenCode(code)
        case .custom(_, 0) where program == SolanaProgram.associatedToken: "recipient_owner_mismatch"
        case .custom(_, 1) where program == SolanaProgram.system: "rail_insufficient_funds"
        case .instruction(_, Self.invalidAccount) where program.map(SolanaProgram.isToken) == true:
            "recipient_account_missing"
        // The second is how the programs' own machine says that it ran out of units.
        case .instruction(_, "ComputationalBudgetExceeded"), .instruction(_, "ProgramFailedToComplete"):
            "rail_compute_limit_too_low"
        case .whole("InsufficientFundsForFee"), .whole("AccountNotFound"), .whole("InsufficientFundsForRent"):
            "rail_fee_payer_low"
        default: "rail_transaction_failed"
        }
    }

    /// What both token programs' numbers mean.
    private static func tokenCode(_ code: Int64) -> String {
        switch code {
        case 1: "rail_insufficient_funds"
        case 2, 3: "mint_mismatch"
        // Who signs does not own the account that is drawn on.
        case 4: "rail_source_owner_mismatch"
        case frozen: "recipient_frozen"
        case 18: "mint_decimals_mismatch"
        case 36: "recipient_needs_memo"
        default: "rail_transaction_failed"
        }
    }
}
