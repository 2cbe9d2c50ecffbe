extension SolanaInstruction {
    /// Keeps a text with the transaction.
    /// - Parameter signers: who signs for the text; Solana Pay wants nobody.
    public static func memo(_ text: String, signers: [SolanaAddress] = []) -> Self {
        Self(program: SolanaProgram.memo, accounts: signers.map { .signer($0) }, data: Array(text.utf8))
    }
}
