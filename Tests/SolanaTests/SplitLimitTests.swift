import Cryptography
import Foundation
import Solana
import SolanaChain
import Testing

@Suite("How many one transaction pays")
struct SplitLimitTests {
    @Test(
        "a transaction with a memo of 64 bytes and two references pays 16, or 14 where somebody else pays the fee",
        arguments: [(false, 16, 1_231), (true, 14, 1_229)])
    func legacy(_ separateFeePayer: Bool, _ recipients: Int, _ bytes: Int) throws {
        let most = try SplitBench().most(tables: false, separateFeePayer: separateFeePayer)
        #expect(most == .init(recipients: recipients, bytes: bytes), "\(most)")
    }

    @Test(
        "with a lookup table it pays 45, or 39 where somebody else pays the fee",
        arguments: [(false, 45, 1_231), (true, 39, 1_219)])
    func lookupTable(_ separateFeePayer: Bool, _ recipients: Int, _ bytes: Int) throws {
        let most = try SplitBench().most(tables: true, separateFeePayer: separateFeePayer)
        #expect(most == .init(recipients: recipients, bytes: bytes), "\(most)")
    }

    @Test("one more is refused with its own code")
    func tooLarge() throws {
        let bench = SplitBench()
        for (tables, separate, count) in [(false, false, 17), (false, true, 15), (true, false, 46), (true, true, 40)] {
            #expect(throws: SolanaSplitError.tooLargeForRail) {
                try bench.signed(count, tables: tables, separateFeePayer: separate)
            }
        }
        #expect(SolanaSplitError.tooLargeForRail.code == "split_too_large_for_rail")
        #expect(throws: SolanaSplitError.memoTooLong) { try bench.split(1, memo: String(repeating: "m", count: 65)) }
        #expect(throws: SolanaSplitError.empty) { try bench.split(0) }
    }

    @Test("shares that are not positive or past 64 bits together are refused")
    func amounts() throws {
        let bench = SplitBench()
        for amounts in [[0], [5, -1], [Int64.max, 1]] as [[Int64]] {
            #expect(throws: SolanaSplitError.amountInvalid) { try bench.split(amounts: amounts) }
        }
    }

    @Test(
        "each limit is executed by the real programs: everybody has the share",
        arguments: [
            (16, false, false), (14, false, true), (45, true, false), (39, true, true),
        ])
    func executed(_ count: Int, _ tables: Bool, _ separate: Bool) async throws {
        let bench = SplitBench()
        let chain = try SolanaChain()
        try await bench.found(chain)
        let client = bench.client(chain)
        let blockhash = try await client.latestBlockhash()
        let transaction = try bench.signed(
            count, tables: tables, separateFeePayer: separate, blockhash: blockhash.hash)
        #expect(await client.send(transaction.bytes, skipsPreflight: false) == .accepted)
        try await chain.tick(40)
        let record = try #require(try await client.transaction(transaction.id))
        #expect(record.failure == nil)
        #expect(record.transaction == transaction)
        for (index, owner) in bench.owners.prefix(count).enumerated() {
            let change = record.change(of: owner, mint: bench.token.mint, program: bench.token.program)
            #expect(change == Int64(index + 1))
        }
        #expect(
            record.change(of: bench.payerAddress, mint: bench.token.mint, program: bench.token.program)
                == -Int64(count * (count + 1) / 2))
        for reference in bench.references {
            let mentions = try await client.mentions(of: reference)
            #expect(mentions.isWhole && mentions.list.map(\.signature) == [transaction.id])
        }
        let signatures = Int64(separate ? 2 : 1)
        #expect(record.feeLamports == bench.fee(count).lamports(signatures: Int(signatures)))
    }
}
