extension SolanaInstruction {
    /// The most that a transaction may compute. The priority fee is on this limit, not on what is used.
    public static func computeLimit(_ units: UInt32) -> Self {
        Self(program: SolanaProgram.computeBudget, accounts: [], data: [2] + units.littleEndianBytes)
    }

    /// What a unit of computing is worth to us, in millionths of a lamport.
    public static func computePrice(microLamports: UInt64) -> Self {
        Self(program: SolanaProgram.computeBudget, accounts: [], data: [3] + microLamports.littleEndianBytes)
    }
}
