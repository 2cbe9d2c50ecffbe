extension SolanaInstruction {
    /// Moves tokens, and has the program check mint and decimals.
    /// - Parameters:
    ///   - decimals: the mint's; with others the program refuses.
    ///   - references: named by the instruction so that it is found by them; the program ignores them.
    ///   - program: the one that owns the mint.
    public static func transferChecked(
        source: SolanaAddress, mint: SolanaAddress, destination: SolanaAddress, owner: SolanaAddress, amount: UInt64,
        decimals: UInt8, references: [SolanaAddress] = [], program: SolanaAddress = SolanaProgram.token
    ) -> Self {
        Self(
            program: program,
            accounts: [.writable(source), .readOnly(mint), .writable(destination), .signer(owner)]
                + references.map { .readOnly($0) },
            data: [12] + amount.littleEndianBytes + [decimals])
    }

    /// Makes the token account of an owner; nothing happens where it is there.
    public static func createAssociatedToken(
        payer: SolanaAddress, owner: SolanaAddress, mint: SolanaAddress,
        tokenProgram: SolanaAddress = SolanaProgram.token
    ) -> Self {
        let account = ProgramAddress.associatedToken(owner: owner, mint: mint, tokenProgram: tokenProgram)
        return Self(
            program: SolanaProgram.associatedToken,
            accounts: [
                .writableSigner(payer), .writable(account), .readOnly(owner), .readOnly(mint),
                .readOnly(SolanaProgram.system), .readOnly(tokenProgram),
            ],
            data: [1])
    }

    /// Has an account of wrapped SOL count what it holds.
    public static func syncNative(_ account: SolanaAddress) -> Self {
        Self(program: SolanaProgram.token, accounts: [.writable(account)], data: [17])
    }

    /// Closes a token account; what it holds of SOL goes to an address.
    public static func closeToken(
        _ account: SolanaAddress, to destination: SolanaAddress, owner: SolanaAddress
    ) -> Self {
        Self(
            program: SolanaProgram.token, accounts: [.writable(account), .writable(destination), .signer(owner)],
            data: [9])
    }

    /// Makes a new account a mint.
    public static func initializeMint(
        _ mint: SolanaAddress, decimals: UInt8, authority: SolanaAddress, freezeAuthority: SolanaAddress? = nil,
        program: SolanaAddress = SolanaProgram.token
    ) -> Self {
        Self(
            program: program, accounts: [.writable(mint)],
            data: [20, decimals] + authority.bytes + (freezeAuthority.map { [1] + $0.bytes } ?? [0]))
    }

    /// Makes tokens.
    public static func mintTo(
        account: SolanaAddress, mint: SolanaAddress, authority: SolanaAddress, amount: UInt64,
        program: SolanaAddress = SolanaProgram.token
    ) -> Self {
        Self(
            program: program, accounts: [.writable(mint), .writable(account), .signer(authority)],
            data: [7] + amount.littleEndianBytes)
    }
}
