import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("What a node tries before it is sent, and what is known of it afterwards")
struct TryingTests {
    private let bench = SplitBench(program: SolanaProgram.token2022)

    /// Gives a payee's account extensions.
    private func extend(
        _ chain: SolanaChain, _ payee: Int, _ extensions: [(type: UInt16, data: [UInt8])], amountMinor: UInt64 = 0
    ) async throws {
        var data = bench.token.mint.bytes + bench.owners[payee].bytes + [UInt8](repeating: 0, count: 101)
        data[108] = 1
        for byte in 0..<8 { data[64 + byte] = UInt8(truncatingIfNeeded: amountMinor >> UInt64(8 * byte)) }
        data.append(2)
        for entry in extensions {
            data += [UInt8(entry.type & 0xFF), UInt8(entry.type >> 8)]
            data += [UInt8(entry.data.count & 0xFF), UInt8(entry.data.count >> 8)] + entry.data
        }
        try await chain.setAccount(
            bench.accounts[payee].description, data: data, owner: SolanaProgram.token2022.description)
    }

    private static func id(_ number: Int) -> String { "po_\(number)" }

    private func node(_ count: Int) async throws -> TreasuryNode {
        let node = try await TreasuryNode(bench)
        for number in 0..<count { try await node.open(Self.id(number), Int64(100 + number), to: bench.owners[number]) }
        return node
    }

    @Test(
        "accounts that ask for a memo get one; whom the token's program would refuse is left out beforehand"
    )
    func memos() async throws {
        let node = try await node(6)
        try await extend(node.chain, 1, [(7, []), (8, [1])])
        try await extend(node.chain, 2, [(8, [0])])
        try await extend(node.chain, 3, [(8, [1])])
        // What nobody looks at, and no program adds to.
        try await extend(node.chain, 4, [], amountMinor: .max)
        // Confidential transfers alone.
        var confidential = [UInt8](repeating: 0, count: 295)
        confidential[0] = 1
        confidential[261] = 1
        try await extend(node.chain, 5, [(5, confidential)])
        try await node.work(stepMs: 60_000) { $0.status == .paid || $0.status == .failed }
        #expect(try node.payout("po_4").refusal?.code == "rail_transaction_failed")
        #expect(try node.payout("po_5").refusal?.code == "recipient_refuses_transfers")
        for number in [0, 1, 2, 3, 5] {
            #expect(try await node.held(bench.owners[number]) == (number < 4 ? Int64(100 + number) : 0))
        }
        #expect(try await node.chain.sends() == 1)
        let signature = try #require(SolanaSignature(try node.payout("po_0").reference))
        let record = try #require(try await bench.client(node.chain).transaction(signature))
        let memos = record.transaction.message.calls.filter {
            record.accounts[Int($0.program)] == SolanaProgram.memo
        }.map { String(decoding: $0.data, as: UTF8.self) }
        #expect(memos == ["po_0-1+3", "po_1-1", "po_3-1"])
        try await node.expectAgreement()
    }

    @Test("what the treasury is to blame for is no payee's failure: the cost is booked once, and all are paid after it")
    func short() async throws {
        let node = try await node(3)
        let bytes = try await node.begin()
        // Another call has taken the tokens meanwhile, and a node passes it on without trying it.
        let treasury = bench.payerAddress.description
        try await node.chain.fund(treasury, mint: bench.token.mint.description, amountMinor: 150)
        try await node.land(bytes)
        node.clock.advance(RailTiming.callMs)
        _ = try await node.worker.pass()
        _ = try await node.worker.pass()
        #expect(node.payouts.allSatisfy { $0.status == .held && $0.failures == 0 && $0.feeMinor == 0 })
        #expect(node.ledger.book.lifecycles.values.count { $0.lifecycle.kind == .cost } == 1)
        try await node.chain.fund(treasury, mint: bench.token.mint.description, amountMinor: 1_000_000_000)
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.expectAgreement()
    }

    @Test("where the nodes' histories begin after it was signed, nobody says that it did not land")
    func forgotten() async throws {
        let node = try await node(1)
        try await node.chain.fault("loseReply", count: 1)
        _ = try await node.worker.pass()
        try await node.chain.tick(300)
        #expect(try await node.held(bench.owners[0]) == 100, "it landed")
        try await node.chain.forget()
        for _ in 0..<4 {
            node.clock.advance(3_600_000)
            _ = try await node.worker.pass()
        }
        let payout = try node.payout("po_0")
        #expect(payout.tries == 1 && payout.status != .held)
        #expect(try await node.held(bench.owners[0]) == 100)
    }

    @Test("a payer's wallet pays payees whose accounts ask for memos")
    func directly() async throws {
        let world = try await PayerWorld(bench)
        for payee in 0..<4 { try await extend(world.chain, payee, [(7, []), (8, [payee == 1 ? 0 : 1])]) }
        let parts: [Int64] = [10, 20, 30, 40]
        let payment = try await world.open("pay_1", parts: parts, nodeMinor: 5)
        try await world.pay(payment)
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        #expect(parts.indices.map { world.passed($0) } == parts)
        try await world.expectAgreement()
    }
}
