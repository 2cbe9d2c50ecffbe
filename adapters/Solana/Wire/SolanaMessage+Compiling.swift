extension SolanaMessage {
    /// Makes a message of instructions.
    ///
    /// Accounts stand in the order that the format asks for: who pays the fee, writable signers, other signers,
    /// writable accounts, other accounts and programs; within each in the order of their bytes, so that equal
    /// instructions make equal bytes. With `tables` it is version 0, and accounts that neither sign nor are called come
    /// from the tables where they stand in one.
    ///
    /// - Parameter tables: nil: a legacy message.
    /// - Throws: `accountsTooMany`, `instructionsTooMany`; `tooLarge` where one instruction alone is. That they are too
    ///   large together is found when the message is signed.
    public init(
        feePayer: SolanaAddress, instructions: [SolanaInstruction], blockhash: SolanaBlockhash,
        tables: [SolanaLookupTable]? = nil
    ) throws(SolanaWireError) {
        guard instructions.count <= SolanaWireLimits.instructionsMax else { throw .instructionsTooMany }
        let sizes = instructions.map { $0.data.count + $0.accounts.count }
        guard sizes.allSatisfy({ $0 <= SolanaWireLimits.transactionBytesMax }) else { throw .tooLarge }
        var keys = Self.collect(feePayer, instructions)
        guard keys.count <= SolanaWireLimits.accountsMax else { throw .accountsTooMany }
        var lookups: [Lookup] = []
        var looked: (writable: [SolanaAddress], readOnly: [SolanaAddress]) = ([], [])
        for table in tables ?? [] {
            let writable = Self.drain(&keys, table) { $0.isWritable }
            let readOnly = Self.drain(&keys, table) { !$0.isWritable }
            guard !writable.isEmpty || !readOnly.isEmpty else { continue }
            lookups.append(
                Lookup(table: table.address, writable: writable.map(\.index), readOnly: readOnly.map(\.index)))
            looked.writable += writable.map(\.address)
            looked.readOnly += readOnly.map(\.address)
        }
        let accounts = keys.map(\.address)
        let all = accounts + looked.writable + looked.readOnly
        self.init(
            version: tables == nil ? .legacy : .v0,
            header: Header(
                requiredSignatures: keys.count { $0.isSigner },
                readOnlySigned: keys.count { $0.isSigner && !$0.isWritable },
                readOnlyUnsigned: keys.count { !$0.isSigner && !$0.isWritable }),
            accounts: accounts, blockhash: blockhash,
            calls: instructions.map { instruction in
                Call(
                    program: Self.index(of: instruction.program, in: all),
                    accounts: instruction.accounts.map { Self.index(of: $0.address, in: all) },
                    data: instruction.data)
            }, lookups: lookups)
    }

    /// An account, and everything that any instruction asks of it.
    private struct Key {
        let address: SolanaAddress
        var isSigner: Bool
        var isWritable: Bool
        var isCalled = false

        /// The part of the list that it stands in.
        var part: Int { (isSigner ? 0 : 2) + (isWritable ? 0 : 1) }
    }

    /// Every account once, in the order of the format. A transaction has few: looking through them is fastest.
    private static func collect(_ feePayer: SolanaAddress, _ instructions: [SolanaInstruction]) -> [Key] {
        var keys = [Key(address: feePayer, isSigner: true, isWritable: true)]
        for instruction in instructions {
            for account in instruction.accounts {
                if let index = keys.firstIndex(where: { $0.address == account.address }) {
                    keys[index].isSigner = keys[index].isSigner || account.isSigner
                    keys[index].isWritable = keys[index].isWritable || account.isWritable
                } else {
                    keys.append(
                        Key(address: account.address, isSigner: account.isSigner, isWritable: account.isWritable))
                }
            }
            if let index = keys.firstIndex(where: { $0.address == instruction.program }) {
                keys[index].isCalled = true
            } else {
                keys.append(Key(address: instruction.program, isSigner: false, isWritable: false, isCalled: true))
            }
        }
        keys[1...].sort { ($0.part, $0.address) < ($1.part, $1.address) }
        return keys
    }

    /// Takes those accounts out of the keys that may come from the table and stand in it.
    private static func drain(
        _ keys: inout [Key], _ table: SolanaLookupTable, _ belongs: (Key) -> Bool
    ) -> [(address: SolanaAddress, index: UInt8)] {
        var drained: [(SolanaAddress, UInt8)] = []
        keys.removeAll { key in
            guard !key.isSigner, !key.isCalled, belongs(key), let index = table.index(of: key.address) else {
                return false
            }
            drained.append((key.address, index))
            return true
        }
        return drained
    }

    private static func index(of address: SolanaAddress, in accounts: [SolanaAddress]) -> UInt8 {
        guard let index = accounts.firstIndex(of: address) else { preconditionFailure("every account was collected") }
        return UInt8(index)
    }
}
