/// The addresses of programs and of what the runtime keeps.
public enum SolanaProgram {
    /// Owns wallets, and makes accounts.
    public static let system = SolanaAddress(known: "11111111111111111111111111111111")
    /// The first token program.
    public static let token = SolanaAddress(known: "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
    /// The second token program, with extensions.
    public static let token2022 = SolanaAddress(known: "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
    /// Makes the token account of an owner and a mint.
    public static let associatedToken = SolanaAddress(known: "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
    /// Keeps a text.
    public static let memo = SolanaAddress(known: "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")
    /// Takes the limit and the price of computing.
    public static let computeBudget = SolanaAddress(known: "ComputeBudget111111111111111111111111111111")
    /// Owns address lookup tables.
    public static let lookupTable = SolanaAddress(known: "AddressLookupTab1e1111111111111111111111111")
    /// What a nonce is advanced from.
    public static let recentBlockhashes = SolanaAddress(known: "SysvarRecentB1ockHashes11111111111111111111")
    /// What an account must hold to stay.
    public static let rent = SolanaAddress(known: "SysvarRent111111111111111111111111111111111")

    /// Whether it is one of the two token programs.
    public static func isToken(_ address: SolanaAddress) -> Bool { address == token || address == token2022 }
}
