import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("Many payees in one transaction")
struct TogetherTests {
    private let bench = SplitBench()

    private func node(_ count: Int, budgetLamports: Int64 = 0, outflowMinor: Int64? = nil) async throws -> TreasuryNode
    {
        let node = try await TreasuryNode(bench, budgetLamports: budgetLamports, outflowMinor: outflowMinor)
        for number in 0..<count {
            try await node.open(Self.id(number), Int64(1_000 + number), to: bench.owners[number])
        }
        return node
    }

    private static func id(_ number: Int) -> String { "po_\(number < 10 ? "0" : "")\(number)" }

    private func transactions(_ node: TreasuryNode) -> [String: Int] {
        Dictionary(node.payouts.map { ($0.reference, 1) }, uniquingKeysWith: +)
    }

    @Test("twenty payouts are two transactions, each payee has its own amount, and the fee is borne to the lamport")
    func many() async throws {
        let node = try await node(20)
        let sends = try await node.chain.sends()
        try await node.work { $0.status == .paid }
        #expect(transactions(node).values.sorted() == [4, 16])
        #expect(try await node.chain.sends() - sends == 2)
        for number in 0..<20 { #expect(try await node.held(bench.owners[number]) == Int64(1_000 + number)) }
        #expect(Set(node.payouts.map(\.feeMinor)).count <= 4, "the parts of one fee are equal but for a lamport")
        try await node.expectAgreement()
    }

    @Test("who cannot be paid leaves the others their transaction")
    func apart() async throws {
        let node = try await node(5)
        try await node.chain.freeze(bench.accounts[1].description)
        try await node.open("po_off", 7, to: bench.token.account(of: bench.owners[9]))
        let stranger = SolanaAddress(SplitBench.key("a stranger").publicKey)
        try await node.open("po_lacks", 7, to: stranger)
        try await node.work(stepMs: 60_000) { $0.status == .paid || $0.status == .failed }
        #expect(try node.payout("po_01").refusal?.code == "recipient_frozen")
        #expect(try node.payout("po_off").refusal?.code == "recipient_off_curve")
        #expect(try node.payout("po_lacks").refusal?.code == "recipient_account_missing")
        let reference = try node.payout("po_00").reference
        #expect(transactions(node)[reference] == 4)
        try await node.expectAgreement()
    }

    @Test("where one payee's part fails on the chain it bears the fee, and the others are paid at once")
    func oneFails() async throws {
        let node = try await node(6)
        let bytes = try await node.begin()
        try await node.chain.freeze(bench.accounts[3].description)
        try await node.land(bytes)
        for number in 0..<6 {
            let held = try await node.held(bench.owners[number])
            #expect(held == 0, "nobody is paid partly")
        }
        node.clock.advance(600_000)
        try await node.work(stepMs: 30_000) { $0.id == "po_03" ? $0.status == .failed : $0.status == .paid }
        for payout in node.payouts { #expect(payout.failures == (payout.id == "po_03" ? 1 : 0)) }
        #expect(try node.payout("po_03").refusal?.code == "recipient_frozen")
        try await node.expectAgreement()
        try await node.chain.freeze(bench.accounts[3].description, false)
        try await node.work { $0.status == .paid }
        try await node.expectAgreement()
    }

    @Test("what the treasury or the day's limit has no room for waits, in the payouts' order")
    func room() async throws {
        let node = try await node(8, outflowMinor: 5_010)
        _ = try await node.worker.pass()
        #expect(node.payouts.map(\.status).count { $0 != .held } == 5, "1,000 to 1,004 fit to the last unit")
        #expect(node.payouts.prefix(5).allSatisfy { $0.status != .held })
        #expect(node.payouts.suffix(3).allSatisfy { $0.waits == 1 && $0.tries == 0 })
    }

    @Test("accounts that several lack are made together, and each payee is paid", arguments: ["", "drop", "loseReply"])
    func lacking(_ fault: String) async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 100_000_000)
        let strangers = (0..<10).map { SolanaAddress(SplitBench.key("lacks \($0)").publicKey) }
        for (number, wallet) in strangers.enumerated() {
            try await node.open(Self.id(number), 100, to: wallet)
            try await node.open("po_more\(number)", 1, to: wallet)
        }
        if !fault.isEmpty { try await node.chain.fault(fault, count: 2) }
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        for wallet in strangers { #expect(try await node.held(wallet) == 101) }
        let made = node.memory.openings.filter { $0.standing != .lapsed }
        #expect(made.count == 10 && Set(made.map(\.reference)).count == 2, "seven and three")
        try await node.expectAgreement()
        #expect(node.memory.openings.allSatisfy { $0.standing == .made || $0.standing == .lapsed })
    }

    @Test("as many accounts are made as the day's budget has room for, and the other payees wait")
    func partlyWithinBudget() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 7_000_000)
        for number in 0..<5 {
            try await node.open(Self.id(number), 10, to: SolanaAddress(SplitBench.key("lacks \(number)").publicKey))
        }
        for _ in 0..<4 {
            _ = try await node.worker.pass()
            node.clock.advance(60_000)
            try await node.chain.tick(20)
        }
        #expect(node.memory.openings.count == 3)
        #expect(node.payouts.map(\.status).count { $0 == .paid || $0 == .sent } == 3)
        #expect(node.payouts.suffix(2).allSatisfy { $0.status == .held && $0.tries == 0 })
    }

    @Test("a payee whose account is frozen in the book draws nobody in with it")
    func frozen() async throws {
        let node = try await node(3)
        let bob = Payout(
            id: "po_bob", payee: People.bob.string, rail: .solana, destination: bench.owners[7].description,
            amountMinor: 5, currency: "MJN", cause: .withdrawal, creator: People.bob.string, nowMs: node.clock.nowMs)
        _ = try await node.ledger.submit([Commands.fund("b", People.bob, 5, "MJN")], atomically: false)
        #expect(try await node.worker.open(bob, key: bob.id).isDone)
        _ = try await node.ledger.submit([Commands.restrict("f", People.bob, .freeze)], atomically: false)
        for _ in 0..<4 {
            _ = try await node.worker.pass()
            node.clock.advance(60_000)
            try await node.chain.tick(20)
        }
        #expect(try node.payout("po_bob").status == .held)
        #expect(transactions(node)[try node.payout("po_00").reference] == 3, "the others stay together")
        #expect(node.payouts.filter { $0.id != "po_bob" }.allSatisfy { $0.status == .paid || $0.status == .sent })
    }
}
