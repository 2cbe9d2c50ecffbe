extension SolanaInstruction {
    /// Makes an account that a program owns. Both sign.
    public static func createAccount(
        payer: SolanaAddress, account: SolanaAddress, lamports: UInt64, space: UInt64, owner: SolanaAddress
    ) -> Self {
        Self(
            program: SolanaProgram.system, accounts: [.writableSigner(payer), .writableSigner(account)],
            data: UInt32(0).littleEndianBytes + lamports.littleEndianBytes + space.littleEndianBytes + owner.bytes)
    }

    /// Moves SOL.
    public static func transferSOL(from: SolanaAddress, to: SolanaAddress, lamports: UInt64) -> Self {
        Self(
            program: SolanaProgram.system, accounts: [.writableSigner(from), .writable(to)],
            data: UInt32(2).littleEndianBytes + lamports.littleEndianBytes)
    }

    /// Uses up a durable nonce. It must be the first instruction; the message's blockhash is the nonce's value.
    public static func advanceNonce(account: SolanaAddress, authority: SolanaAddress) -> Self {
        Self(
            program: SolanaProgram.system,
            accounts: [.writable(account), .readOnly(SolanaProgram.recentBlockhashes), .signer(authority)],
            data: UInt32(4).littleEndianBytes)
    }

    /// Makes a new account a durable nonce.
    public static func initializeNonce(account: SolanaAddress, authority: SolanaAddress) -> Self {
        Self(
            program: SolanaProgram.system,
            accounts: [
                .writable(account), .readOnly(SolanaProgram.recentBlockhashes), .readOnly(SolanaProgram.rent),
            ],
            data: UInt32(6).littleEndianBytes + authority.bytes)
    }
}
