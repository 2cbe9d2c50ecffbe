extension SolanaMessage {
    /// Reads the bytes of a message, strictly: what a validator would refuse is refused, each thing with its own error,
    /// and what is read is written as the same bytes.
    /// - Throws: every error of the format; see ``SolanaWireError``.
    public init(parsing bytes: [UInt8]) throws(SolanaWireError) {
        var reader = WireReader(bytes)
        try self.init(from: &reader)
        try reader.end()
    }

    init(from reader: inout WireReader) throws(SolanaWireError) {
        let version = try Self.version(&reader)
        let header = Header(
            requiredSignatures: Int(try reader.byte()), readOnlySigned: Int(try reader.byte()),
            readOnlyUnsigned: Int(try reader.byte()))
        var accounts: [SolanaAddress] = []
        for _ in 0..<(try reader.count(bytesEach: SolanaAddress.byteCount)) { accounts.append(try reader.address()) }
        guard let blockhash = SolanaBlockhash(bytes: try reader.bytes(SolanaAddress.byteCount)) else {
            throw .truncated
        }
        var calls: [Call] = []
        for _ in 0..<(try reader.count(bytesEach: 3)) {
            calls.append(
                Call(program: try reader.byte(), accounts: try reader.list(), data: try reader.list()))
        }
        var lookups: [Lookup] = []
        if version == .v0 {
            for _ in 0..<(try reader.count(bytesEach: SolanaAddress.byteCount + 2)) {
                lookups.append(
                    Lookup(table: try reader.address(), writable: try reader.list(), readOnly: try reader.list()))
            }
        }
        self.init(
            version: version, header: header, accounts: accounts, blockhash: blockhash, calls: calls, lookups: lookups)
        try check()
    }

    private static func version(_ reader: inout WireReader) throws(SolanaWireError) -> Version {
        guard try reader.peek() & versionBit != 0 else { return .legacy }
        guard try reader.byte() == versionBit else { throw .versionUnsupported }
        return .v0
    }

    /// What every validator checks before it runs anything.
    private func check() throws(SolanaWireError) {
        guard header.requiredSignatures > header.readOnlySigned else { throw .feePayerReadOnly }
        guard header.requiredSignatures + header.readOnlyUnsigned <= accounts.count else { throw .headerInvalid }
        guard lookups.allSatisfy({ !$0.writable.isEmpty || !$0.readOnly.isEmpty }) else { throw .lookupEmpty }
        let total = lookups.reduce(accounts.count) { $0 + $1.writable.count + $1.readOnly.count }
        guard total <= SolanaWireLimits.accountsMax else { throw .accountsTooMany }
        guard Set(accounts).count == accounts.count else { throw .accountDuplicate }
        guard calls.count <= SolanaWireLimits.instructionsMax else { throw .instructionsTooMany }
        for call in calls {
            guard call.program != 0 else { throw .programIsFeePayer }
            guard call.program < accounts.count else { throw .programIndexInvalid }
            guard call.accounts.allSatisfy({ $0 < total }) else { throw .accountIndexInvalid }
        }
    }
}

extension WireReader {
    /// A length, then so many bytes.
    mutating func list() throws(SolanaWireError) -> [UInt8] { try bytes(try count(bytesEach: 1)) }
}
