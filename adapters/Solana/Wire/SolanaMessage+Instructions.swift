extension SolanaMessage {
    /// The instructions with their accounts in full.
    ///
    /// - Parameter tables: the tables that are looked up, as they stand on the chain.
    /// - Throws: `accountIndexInvalid` where a table is missing or too short.
    public func instructions(tables: [SolanaLookupTable] = []) throws(SolanaWireError) -> [SolanaInstruction] {
        var all: [SolanaInstruction.Account] = []
        for (index, address) in accounts.enumerated() {
            all.append(
                SolanaInstruction.Account(
                    address, isSigner: index < header.requiredSignatures, isWritable: isWritable(index)))
        }
        for (isWritable, path) in [(true, \Lookup.writable), (false, \Lookup.readOnly)] {
            for lookup in lookups {
                let table = tables.first { $0.address == lookup.table }
                for index in lookup[keyPath: path] {
                    guard let table, index < table.addresses.count else { throw .accountIndexInvalid }
                    all.append(SolanaInstruction.Account(table.addresses[Int(index)], isWritable: isWritable))
                }
            }
        }
        return calls.map { call in
            SolanaInstruction(
                program: accounts[Int(call.program)], accounts: call.accounts.map { all[Int($0)] }, data: call.data)
        }
    }
}
