/// A payment to one wallet that any wallet can make from a link (Solana Pay, transfer request).
public struct SolanaTransferRequest: Hashable, Sendable {
    /// Who is paid: a wallet.
    public let recipient: SolanaAddress
    /// How much, in whole tokens; nil: the payer says. See ``amountMinor(decimals:)``.
    public let amount: String?
    /// The mint; nil: SOL.
    public let token: SolanaAddress?
    /// What the payment is found by.
    public let references: [SolanaAddress]
    /// Who asks, for the payer.
    public let label: String?
    /// What for, for the payer.
    public let message: String?
    /// What the transaction keeps.
    public let memo: String?

    /// A request.
    /// - Throws: `amountInvalid` for a text that is no amount, or none of SOL.
    public init(
        recipient: SolanaAddress, amount: String? = nil, token: SolanaAddress? = nil, references: [SolanaAddress] = [],
        label: String? = nil, message: String? = nil, memo: String? = nil
    ) throws(SolanaPayError) {
        if let amount {
            guard SolanaAmount.isWellFormed(amount),
                token != nil || SolanaAmount.minor(amount, decimals: SolanaAmount.solDecimals) != nil
            else { throw .amountInvalid }
        }
        self.recipient = recipient
        self.amount = amount
        self.token = token
        self.references = references
        self.label = label
        self.message = message
        self.memo = memo
    }

    /// How much in base units; nil where the payer says.
    /// - Throws: `amountInvalid` for more places than the token has, or past 64 bits.
    public func amountMinor(decimals: UInt8) throws(SolanaPayError) -> UInt64? {
        guard let amount else { return nil }
        guard let minor = SolanaAmount.minor(amount, decimals: decimals) else { throw .amountInvalid }
        return minor
    }
}
