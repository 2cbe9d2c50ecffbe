public import Service

/// Reasons for refusals around payments on Solana. The rail gives most of them by name.
extension ProblemCode {
    /// The payees have the money, the node never had it.
    public static let refundNeedsPayee = Self(
        "refund_needs_payee", 409, "Only the payees can give this back, from their own money")
    /// Its time is over.
    public static let paymentExpired = Self("payment_expired", 409, "The payment's time is over")
    /// The node did not make it.
    public static let transactionForeign = Self(
        "transaction_foreign", 422, "The node did not make this transaction")
    /// Not the bytes of a transaction.
    public static let transactionMalformed = Self("transaction_malformed", 422, "These bytes are no transaction")
    /// More payees than one transaction holds.
    public static let splitTooLarge = Self(
        "split_too_large_for_rail", 422, "One transaction does not hold so many payees")

    /// What a wallet, a token or the transaction may be refused for, payer's and payees' alike.
    static let ofSolana: [ProblemCode] =
        [.paymentExpired, .transactionForeign, .transactionMalformed, .splitTooLarge]
        + [
            "malformed", "off_curve", "weak_key", "is_token_account", "is_mint", "is_program", "owned_by_program",
            "mint_mismatch", "owner_mismatch", "frozen", "account_missing",
        ].flatMap {
            [
                Self("recipient_\($0)", 422, "A payee cannot be paid there"),
                Self("payer_\($0)", 422, "This account cannot pay"),
            ]
        }
        + [
            Self("recipient_is_treasury", 422, "A payee is to be paid at the node's own wallet"),
            Self("payer_is_treasury", 422, "The node does not pay itself"),
            Self("payer_balance_too_low", 422, "The account has less than the payment"),
            Self("payer_fee_too_low", 422, "The wallet has too little SOL for the fee"),
            Self("split_amount_invalid", 422, "A part is no amount"),
            Self("split_empty", 422, "Nobody is to be paid"),
            Self("account_budget", 422, "The node makes no more lookup tables today"),
        ]
        + [
            "invalid", "decimals_mismatch", "program_mismatch", "transfer_fee", "transfer_hook",
            "permanent_delegate", "default_frozen", "not_transferable", "extension_unknown",
        ].map { Self("mint_\($0)", 422, "The token is not what the node was set up for") }
}
