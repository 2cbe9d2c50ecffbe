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
    /// Whether a transfer to it is refused that does not stand right behind a memo.
    public let needsMemo: Bool
    /// Whether it takes no plain transfers.
    public let refusesTransfers: Bool
    /// The program that keeps it.
    public let program: SolanaAddress

    /// The bytes of one without extensions.
    static let byteCount = 165
    /// The type that stands behind them where there are extensions.
    static let typeByte: UInt8 = 2
    private static let stateOffset = 108
    /// The extensions of the second token program that decide what may be sent to an account.
    private enum ExtensionType {
        static let confidentialTransfers: UInt16 = 5
        static let memo: UInt16 = 8
    }
    /// Where the extension of confidential transfers says whether plain ones are taken.
    private static let plainTransfersOffset = 262

    /// Reads an account; nil where it is no token account, or one that is not ready.
    public init?(_ account: SolanaAccount) {
        let data = account.data
        guard SolanaProgram.isToken(account.owner), data.count >= Self.byteCount,
            data.count == Self.byteCount
                || account.owner == SolanaProgram.token2022 && data[Self.byteCount] == Self.typeByte,
            let mint = data.address(at: 0), let owner = data.address(at: 32),
            let amount = data.number(at: 64, as: UInt64.self), (1...2).contains(data[Self.stateOffset])
        else { return nil }
        var extensions: [SolanaMint.Extension] = []
        if data.count > Self.byteCount {
            guard let list = SolanaMint.Extension.list(data, from: Self.byteCount + 1) else { return nil }
            extensions = list
        }
        needsMemo = extensions.contains { $0.type == ExtensionType.memo && $0.data.first == 1 }
        refusesTransfers = extensions.contains { entry in
            entry.type == ExtensionType.confidentialTransfers && entry.data.count > Self.plainTransfersOffset
                && entry.data[Self.plainTransfersOffset] == 0
        }
        self.mint = mint
        self.owner = owner
        amountMinor = amount
        isFrozen = data[Self.stateOffset] == 2
        program = account.owner
    }
}
