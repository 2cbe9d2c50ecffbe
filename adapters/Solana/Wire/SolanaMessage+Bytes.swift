extension SolanaMessage {
    /// The first byte of a message of version 0: the high bit says that a version follows in the others.
    static let versionBit: UInt8 = 0x80

    /// The bytes that are signed.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SolanaWireLimits.transactionBytesMax)
        append(to: &bytes)
        return bytes
    }

    func append(to bytes: inout [UInt8]) {
        if version == .v0 { bytes.append(Self.versionBit) }
        bytes.append(UInt8(header.requiredSignatures))
        bytes.append(UInt8(header.readOnlySigned))
        bytes.append(UInt8(header.readOnlyUnsigned))
        CompactU16.append(accounts.count, to: &bytes)
        for account in accounts { account.append(to: &bytes) }
        blockhash.append(to: &bytes)
        CompactU16.append(calls.count, to: &bytes)
        for call in calls {
            bytes.append(call.program)
            Self.append(call.accounts, to: &bytes)
            Self.append(call.data, to: &bytes)
        }
        guard version == .v0 else { return }
        CompactU16.append(lookups.count, to: &bytes)
        for lookup in lookups {
            lookup.table.append(to: &bytes)
            Self.append(lookup.writable, to: &bytes)
            Self.append(lookup.readOnly, to: &bytes)
        }
    }

    /// A length, then the bytes.
    private static func append(_ list: [UInt8], to bytes: inout [UInt8]) {
        CompactU16.append(list.count, to: &bytes)
        bytes.append(contentsOf: list)
    }
}
