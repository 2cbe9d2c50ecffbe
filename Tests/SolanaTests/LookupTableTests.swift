import Cryptography
import Solana
import SolanaChain
import Testing

@Suite("Lookup tables, made by the real program")
struct LookupTableTests {
    @Test("a table is made, filled, read, used a slot later, and taken out of use")
    func life() async throws {
        let bench = SplitBench()
        let chain = try SolanaChain()
        try await bench.found(chain)
        let client = bench.client(chain)
        func perform(_ instructions: [SolanaInstruction]) async throws {
            let hash = try await client.latestBlockhash().hash
            let message = try SolanaMessage(
                feePayer: bench.payerAddress, instructions: instructions, blockhash: hash)
            let transaction = try SolanaTransaction(signing: message, with: [bench.payer])
            #expect(await client.send(transaction.bytes, skipsPreflight: false) == .accepted)
            try await chain.tick(4)
            #expect(try await client.transaction(transaction.id, commitment: .confirmed)?.failure == nil)
        }
        let slot = UInt64(try await client.point(.finalized).slot)
        let made = try #require(
            SolanaInstruction.lookupTableAddress(authority: bench.payerAddress, recentSlot: slot))
        let (table, payer) = (made.address, bench.payerAddress)
        try await perform([
            .createLookupTable(table: table, bump: made.bump, authority: payer, payer: payer, recentSlot: slot)
        ])
        for part in [bench.accounts[..<20], bench.accounts[20..<40]] {
            try await perform([
                .extendLookupTable(table: table, authority: payer, payer: payer, addresses: Array(part))
            ])
        }
        let account = try #require(try await client.accounts([table])[0])
        let read = try #require(SolanaLookupTable(address: table, accountData: account.data))
        #expect(read.addresses == Array(bench.accounts[..<40]) && read.authority == payer)
        #expect(read.lastExtendedSlot > slot)
        let message = try bench.split(30).message(
            blockhash: try await client.latestBlockhash().hash, tables: [read])
        let transaction = try SolanaTransaction(signing: message, with: [bench.payer])
        #expect(await client.send(transaction.bytes, skipsPreflight: false) == .accepted)
        try await chain.tick(40)
        let record = try #require(try await client.transaction(transaction.id))
        #expect(record.failure == nil)
        #expect(record.change(of: bench.owners[29], mint: bench.token.mint, program: bench.token.program) == 30)
        try await perform([.deactivateLookupTable(table: table, authority: payer)])
        let closing = try #require(try await client.accounts([table])[0])
        #expect(SolanaLookupTable(address: table, accountData: closing.data) == nil, "it is being closed")
    }
}
