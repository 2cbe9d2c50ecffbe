/// What somebody has of one token: the data of an account of a token program.
public struct SolanaTokenAccount: Hashable, Sendable {
    /// The token.
    public let mint: SolanaAddress
    /// Whose it is.
    public let owner: SolanaAddress
    /// How much, in base units.
    public let amountMinor: UInt64
    /// Whether nothing may go in or out.
    public let isFrozen: Bool
    /// The program that keeps it.
    public let program: SolanaAddress

    /// The bytes of one without extensions.
    static let byteCount = 165
    /// The type that stands behind them where there are extensions.
    static let typeByte: UInt8 = 2
    private static let stateOffset = 108

    /// Reads an account; nil where it is no token account, or one that is not ready.
    public init?(_ account: SolanaAccount) {
        let data = account.data
        guard SolanaProgram.isToken(account.owner), data.count >= Self.byteCount,
            data.count == Self.byteCount
                || account.owner == SolanaProgram.token2022 && data[Self.byteCount] == Self.typeByte,
            let mint = data.address(at: 0), let owner = data.address(at: 32),
            let amount = data.number(at: 64, as: UInt64.self), (1...2).contains(data[Self.stateOffset])
        else { return nil }
        self.mint = mint
        self.owner = owner
        amountMinor = amount
        isFrozen = data[Self.stateOffset] == 2
        program = account.owner
    }
}
