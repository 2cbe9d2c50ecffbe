extension SolanaInstruction {
    /// The address that a table made for a recent slot has; nil never happens for an address.
    public static func lookupTableAddress(
        authority: SolanaAddress, recentSlot: UInt64
    ) -> (address: SolanaAddress, bump: UInt8)? {
        ProgramAddress.find(
            seeds: [authority.bytes, recentSlot.littleEndianBytes], program: SolanaProgram.lookupTable)
    }

    /// Makes an empty table. `bump` belongs to `table`, see ``lookupTableAddress(authority:recentSlot:)``.
    public static func createLookupTable(
        table: SolanaAddress, bump: UInt8, authority: SolanaAddress, payer: SolanaAddress, recentSlot: UInt64
    ) -> Self {
        Self(
            program: SolanaProgram.lookupTable,
            accounts: [
                .writable(table), .signer(authority), .writableSigner(payer), .readOnly(SolanaProgram.system),
            ],
            data: UInt32(0).littleEndianBytes + recentSlot.littleEndianBytes + [bump])
    }

    /// Adds addresses, usable from the next slot on.
    public static func extendLookupTable(
        table: SolanaAddress, authority: SolanaAddress, payer: SolanaAddress, addresses: [SolanaAddress]
    ) -> Self {
        Self(
            program: SolanaProgram.lookupTable,
            accounts: [
                .writable(table), .signer(authority), .writableSigner(payer), .readOnly(SolanaProgram.system),
            ],
            data: UInt32(2).littleEndianBytes + UInt64(addresses.count).littleEndianBytes
                + addresses.flatMap(\.bytes))
    }

    /// Takes a table out of use, so that it can be closed later.
    public static func deactivateLookupTable(table: SolanaAddress, authority: SolanaAddress) -> Self {
        Self(
            program: SolanaProgram.lookupTable, accounts: [.writable(table), .signer(authority)],
            data: UInt32(3).littleEndianBytes)
    }

    /// Closes a table that is out of use; its rent goes to `recipient`.
    public static func closeLookupTable(
        table: SolanaAddress, authority: SolanaAddress, recipient: SolanaAddress
    ) -> Self {
        Self(
            program: SolanaProgram.lookupTable,
            accounts: [.writable(table), .signer(authority), .writable(recipient)],
            data: UInt32(4).littleEndianBytes)
    }
}
