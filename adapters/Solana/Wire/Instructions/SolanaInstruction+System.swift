import Cryptography

extension SolanaInstruction {
    /// Makes an account that a program owns. Both sign.
    public static func createAccount(
        payer: SolanaAddress, account: SolanaAddress, lamports: UInt64, space: UInt64, owner: SolanaAddress
    ) -> Self {
        Self(
            program: SolanaProgram.system, accounts: [.writableSigner(payer), .writableSigner(account)],
            data: UInt32(0).littleEndianBytes + lamports.littleEndianBytes + space.littleEndianBytes + owner.bytes)
    }

    /// The address of an account without a key, for which its base signs.
    public static func addressWithSeed(
        _ seed: String, of base: SolanaAddress, owner: SolanaAddress
    ) -> SolanaAddress {
        SolanaAddress(exactly: SHA256.hash(base.bytes + Array(seed.utf8) + owner.bytes))
    }

    /// Gives an account without a key its bytes, see ``addressWithSeed(_:of:owner:)``, whatever SOL it has. Its base
    /// signs.
    public static func allocateWithSeed(
        _ seed: String, of base: SolanaAddress, space: UInt64, owner: SolanaAddress
    ) -> Self {
        let text = Array(seed.utf8)
        return Self(
            program: SolanaProgram.system,
            accounts: [.writable(addressWithSeed(seed, of: base, owner: owner)), .signer(base)],
            data: UInt32(9).littleEndianBytes + base.bytes + UInt64(text.count).littleEndianBytes + text
                + space.littleEndianBytes + owner.bytes)
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
