/// A token that the node deals in: read from the chain once, and pinned.
public struct SolanaToken: Hashable, Sendable {
    /// The mint.
    public let mint: SolanaAddress
    /// The program that owns the mint.
    public let program: SolanaAddress
    /// Decimal places of a token.
    public let decimals: UInt8

    /// A token.
    public init(mint: SolanaAddress, program: SolanaAddress = SolanaProgram.token, decimals: UInt8) {
        self.mint = mint
        self.program = program
        self.decimals = decimals
    }

    /// The mint of wrapped SOL: a token account of it holds SOL, and what it has of the token is what it holds.
    public static let nativeMint = SolanaAddress(known: "So11111111111111111111111111111111111111112")

    /// Whether it is SOL.
    public var isNative: Bool { mint == Self.nativeMint && program == SolanaProgram.token }

    /// The token account of an owner.
    public func account(of owner: SolanaAddress) -> SolanaAddress {
        ProgramAddress.associatedToken(owner: owner, mint: mint, tokenProgram: program)
    }
}
