import Cryptography
import LedgerDouble
import Solana
import Testing

@Suite("Random transactions, whole and damaged")
struct WirePropertyTests {
    @Test("what is written is read as the same, and Solana's own library reads it too")
    func roundTrip() async throws {
        var written: [(bytes: [UInt8], id: String)] = []
        var looked = 0
        for seed in UInt64(1)...1_000 {
            var random = try RandomTransactions(seed: seed)
            guard let (transaction, tables) = try? random.next() else { continue }
            let read = try SolanaTransaction(parsing: transaction.bytes)
            #expect(read == transaction, "seed \(seed)")
            #expect(read.bytes == transaction.bytes, "seed \(seed)")
            try read.checkSignatures()
            _ = try read.message.instructions(tables: tables)
            looked += read.message.lookups.count
            written.append((transaction.bytes, transaction.id.description))
        }
        #expect(written.count > 900 && looked > 200, "\(written.count) transactions, \(looked) lookups")
        #expect(try await Judge.ids(written.map(\.bytes)) == written.map(\.id))
    }

    @Test("damaged transactions are refused with an error, or Solana's own library reads them as well")
    func damaged() async throws {
        var accepted: [[UInt8]] = []
        var refused: [[UInt8]] = []
        for seed in UInt64(1)...4_000 {
            var random = try RandomTransactions(seed: seed)
            guard let (transaction, _) = try? random.next() else { continue }
            let bytes = random.damaged(transaction.bytes)
            do throws(SolanaWireError) {
                let read = try SolanaTransaction(parsing: bytes)
                #expect(read.bytes == bytes, "seed \(seed)")
                accepted.append(bytes)
            } catch {
                // Rules of the runtime and not of the format: solders reads them.
                if ![.accountDuplicate, .accountsTooMany, .instructionsTooMany].contains(error) {
                    refused.append(bytes)
                }
            }
        }
        #expect(accepted.count > 500 && refused.count > 500, "\(accepted.count) accepted, \(refused.count) refused")
        let acceptedToo = try await Judge.ids(accepted)
        #expect(acceptedToo.allSatisfy { $0 != nil })
        let refusedToo = try await Judge.ids(refused)
        let disagreements = zip(refused, refusedToo).filter { $0.1 != nil }.map { Hex.encode($0.0) }
        #expect(disagreements.isEmpty, "\(disagreements.count) of them, the first: \(disagreements.first ?? "")")
    }

    @Test("instructions that fit no transaction are refused with an error")
    func tooLarge() throws {
        let payer = SolanaAddress(SplitBench.key("payer").publicKey)
        let blockhash = try #require(SolanaBlockhash(bytes: [UInt8](repeating: 1, count: 32)))
        func signed(_ instructions: [SolanaInstruction]) throws -> SolanaTransaction {
            let message = try SolanaMessage(feePayer: payer, instructions: instructions, blockhash: blockhash)
            return try SolanaTransaction(signing: message, with: [SplitBench.key("payer")])
        }
        for count in [1_100, 1_233, 65_536, 70_000] {
            #expect(throws: SolanaWireError.tooLarge) { try signed([.memo(String(repeating: "m", count: count))]) }
        }
        let memos = [SolanaInstruction](repeating: .memo("m"), count: 65)
        #expect(throws: SolanaWireError.instructionsTooMany) { try signed(memos) }
        let many = (0..<64).map { SolanaAddress(SplitBench.key("account \($0)").publicKey) }
        #expect(throws: SolanaWireError.accountsTooMany) {
            let accounts = many.map { SolanaInstruction.Account($0) }
            return try signed([SolanaInstruction(program: SolanaProgram.memo, accounts: accounts, data: [])])
        }
        #expect(throws: SolanaWireError.signerMissing) { try signed([.memo("m", signers: [many[0]])]) }
        #expect(throws: SolanaWireError.signerUnexpected) {
            let message = try SolanaMessage(feePayer: many[0], instructions: [.memo("m")], blockhash: blockhash)
            return try SolanaTransaction(
                signing: message, with: [SplitBench.key("account 0"), SplitBench.key("payer")])
        }
    }

    @Test("no prefix of a transaction is one")
    func prefixes() throws {
        var random = try RandomTransactions(seed: 42)
        let transaction = try random.next().transaction
        for count in 0..<transaction.bytes.count {
            #expect(throws: SolanaWireError.self) {
                try SolanaTransaction(parsing: Array(transaction.bytes.prefix(count)))
            }
        }
    }
}
