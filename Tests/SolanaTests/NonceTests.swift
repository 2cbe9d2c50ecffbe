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
        #expect(node.rail.payOutsPerCall == 14)
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

    @Test("what waits with a nonce is sent again ever more rarely, and the journal does not fill with it")
    func rarely() async throws {
        let node = try await node(3)
        try await node.chain.fault("drop", count: 1_000_000)
        let sends = try await node.chain.sends()
        let entries = node.ledger.book.entries.count
        for _ in 0..<300 {
            _ = try await node.worker.pass()
            node.clock.advance(12_000)
        }
        #expect(node.payouts.filter { $0.status == .sending }.count == 3)
        // An hour, with pauses of 2 s that double up to 15 min.
        #expect(node.ledger.book.entries.count - entries < 3 * 3 * 15)
        #expect(try await node.chain.sends() - sends < 15 * 5 * 2, "once for all of the transaction")
        try await node.chain.clearFaults()
        try await node.work(stepMs: 900_000) { $0.status == .paid }
        try await node.expectAgreement()
    }

    @Test("that a node says nothing, or something strange, of a nonce's account is no proof that it is used up")
    func unreadable() async throws {
        let node = try await node(0)
        let signed = try await signed(node)
        let account = try #require(try nonce(node.payout("po_1"))).description
        let slot = try await bench.client(node.chain).point(.confirmed).slot
        node.hook.set { question in
            question.method == "getMultipleAccounts" && question.names(account)
                ? question.noAccounts(slot: slot + 1_000) : nil
        }
        for _ in 0..<6 {
            node.clock.advance(600_000)
            try await node.chain.tick(200)
            _ = try await node.worker.pass()
        }
        let payout = try node.payout("po_1")
        #expect(payout.tries == 1 && payout.status != .held)
        try await node.land(signed)
        node.hook.set(nil)
        try await node.work(stepMs: 600_000) { $0.status == .paid }
        #expect(try await node.held(bench.owners[7]) == 70, "once")
        try await node.expectAgreement()
    }

    @Test("another key uses no nonce up that is not its own, and says whose it is")
    func otherKey() async throws {
        let node = try await node(0)
        _ = try await signed(node)
        try await node.chain.freeze(bench.accounts[7].description)
        let other = SolanaRail(
            client: bench.client(node.chain), treasury: bench.feePayer,
            settings: SolanaRailSettings(
                tokens: ["MJN": bench.token], openings: SolanaOpenings(budgetLamports: 0, store: node.memory),
                nonces: SolanaNonces(count: 1, store: node.memory), formerTreasuries: [bench.payerAddress]),
            timing: ChainTime(node.chain).timing)
        let payout = try node.payout("po_1")
        let attempt = try #require(payout.attempt)
        let instruction = PayOutInstruction(
            reference: attempt.reference, payoutID: payout.id, amountMinor: payout.amountMinor,
            currency: payout.currency, destination: payout.destination, payee: payout.payee, drawnOn: nil,
            beganAtMs: 0)
        let sends = try await node.chain.sends()
        guard case .unknown(let reason) = await other.carryOut([(instruction, attempt.prepared)], nowMs: 0)[0] else {
            Issue.record("it is known")
            return
        }
        #expect(reason.contains("run the node with that key again") && reason.contains("\(bench.payerAddress)"))
        #expect(try await node.chain.sends() - sends == 1, "the payout's own bytes, and nothing else")
        try await node.chain.freeze(bench.accounts[7].description, false)
        try await node.work(stepMs: 600_000) { $0.status == .paid }
        try await node.expectAgreement()
    }

    @Test("whoever sends SOL to a nonce's place beforehand does not keep it from being made")
    func fundedBefore() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 50_000_000, nonceCount: 2)
        for (number, lamports) in [(1, 1_000_000), (2, 5_000_000)] {
            let place = SolanaInstruction.addressWithSeed(
                "mjn nonce \(number)", of: bench.payerAddress, owner: SolanaProgram.system)
            try await node.chain.airdrop(place.description, lamports: Int64(lamports))
        }
        for _ in 0..<8 {
            #expect(try await node.watcher.pass().stopped == nil)
            try await node.chain.tick(20)
        }
        #expect(node.memory.openings.map(\.standing) == [.made, .made])
        try await node.open("po_1", 5, to: bench.owners[0])
        _ = try await node.worker.pass()
        #expect(try nonce(node.payout("po_1")) != nil)
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.expectAgreement()
    }

    @Test("where no nonce can be made payouts have a blockhash, and the operator is told")
    func none() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 1_000, nonceCount: 2)
        #expect(
            try await node.watcher.pass().stopped?.hasPrefix("2 of 2 durable nonces are missing: account_bud") == true)
        try await node.open("po_1", 5, to: bench.owners[0])
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.expectAgreement()
    }
}
