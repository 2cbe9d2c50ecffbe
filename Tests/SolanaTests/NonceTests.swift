import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("Payouts with durable nonces")
struct NonceTests {
    private let bench = SplitBench()

    private static func id(_ number: Int) -> String { "po_\(number < 10 ? "0" : "")\(number)" }

    /// A node whose first nonce is there.
    private func node(_ count: Int, nonceCount: Int = 1) async throws -> TreasuryNode {
        let node = try await TreasuryNode(bench, budgetLamports: 50_000_000, nonceCount: nonceCount)
        try await node.open("po_first", 1, to: bench.owners[50])
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.chain.tick(40)
        for number in 0..<count { try await node.open(Self.id(number), Int64(100 + number), to: bench.owners[number]) }
        return node
    }

    /// The bytes of a payout with a nonce, all of which the network dropped.
    private func signed(_ node: TreasuryNode) async throws -> [UInt8] {
        try await node.open("po_1", 70, to: bench.owners[7])
        try await node.chain.fault("drop", count: 10_000)
        _ = try await node.worker.pass()
        try await node.chain.clearFaults()
        let payout = try node.payout("po_1")
        #expect(try nonce(payout) != nil)
        return try #require(SolanaPrepared(bytes: payout.attempt?.prepared ?? [])).transaction.bytes
    }

    private func nonce(_ payout: Payout) throws -> SolanaAddress? {
        let prepared = try #require(payout.attempt.flatMap { SolanaPrepared(bytes: $0.prepared) })
        let message = prepared.transaction.message
        guard message.calls[0].data == [4, 0, 0, 0] else { return nil }
        return message.accounts[Int(message.calls[0].accounts[0])]
    }

    @Test("the node makes its nonces, each signs for one transaction at a time, and everybody is paid once")
    func paid() async throws {
        let node = try await node(40, nonceCount: 2)
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.chain.tick(40)
        _ = try await node.watcher.pass()
        for number in 40..<80 { try await node.open(Self.id(number), 1_000, to: bench.owners[number - 40]) }
        let made = node.memory.openings.filter { $0.token == "durable nonce" }
        #expect(made.count == 2 && made.allSatisfy { $0.standing == .made })
        _ = try await node.worker.pass()
        let sent = Dictionary(grouping: node.payouts.filter { $0.status == .sent }, by: \.reference)
        let nonces = try sent.values.map { try nonce($0[0]) }
        #expect(sent.count >= 3 && Set(nonces.compactMap { $0 }).count == 2, "two have a nonce, the rest a blockhash")
        #expect(nonces.count { $0 != nil } == 2)
        let bytes = try sent.values.map { payouts in
            try #require(SolanaPrepared(bytes: payouts[0].attempt?.prepared ?? [])).transaction.bytes
        }
        #expect(try await Judge.ids(bytes).allSatisfy { $0 != nil }, "the other library reads them")
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        for number in 0..<40 { #expect(try await node.held(bench.owners[number]) == Int64(1_100 + number)) }
        try await node.expectAgreement()
    }

    @Test("what the network drops for as long as it likes lands in the end, as it was signed")
    func dropped() async throws {
        let node = try await node(3)
        try await node.chain.fault("drop", count: 10_000)
        for _ in 0..<6 {
            _ = try await node.worker.pass()
            node.clock.advance(600_000)
            try await node.chain.tick(200)
        }
        #expect(node.payouts.filter { $0.status == .sending }.count == 3)
        let signed = try node.payout("po_00").attempt?.prepared
        try await node.chain.clearFaults()
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        #expect(try node.payout("po_00").tries == 1 && node.payout("po_00").attempt?.prepared == signed)
        try await node.expectAgreement()
    }

    @Test("what nodes would not pass on is made impossible before anything is signed anew")
    func unwanted() async throws {
        let node = try await node(0)
        let signed = try await signed(node)
        try await node.chain.freeze(bench.accounts[7].description)
        try await node.work(stepMs: 300_000) { $0.id != "po_1" || $0.status == .failed }
        #expect(try node.payout("po_1").refusal?.code == "recipient_frozen")
        try await node.chain.freeze(bench.accounts[7].description, false)
        // Whoever has the old bytes can do nothing with them.
        try await node.land(signed)
        #expect(try await node.held(bench.owners[7]) == 0)
        try await node.work { $0.status == .paid }
        #expect(try await node.held(bench.owners[7]) == 70)
        try await node.expectAgreement()
    }

    @Test("a failure that lands uses the nonce up, and the next transaction has its new value")
    func failed() async throws {
        let node = try await node(0)
        let signed = try await signed(node)
        try await node.chain.freeze(bench.accounts[7].description)
        try await node.land(signed)
        try await node.chain.freeze(bench.accounts[7].description, false)
        try await node.open("po_2", 5, to: bench.owners[8])
        try await node.work(stepMs: 60_000) { $0.status == .paid || $0.status == .failed }
        #expect(try await node.held(bench.owners[8]) == 5)
        try await node.expectAgreement()
    }
}
