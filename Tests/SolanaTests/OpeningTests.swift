import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Synchronization
import Testing

@Suite("Token accounts that payees lack, on a chain with the real programs")
struct OpeningTests {
    let bench = SplitBench()
    let stranger = SolanaAddress(SplitBench.key("a payee without an account").publicKey)

    private func rail(
        _ chain: SolanaChain, budgetLamports: Int64 = 10_000_000, memory: RailMemory = RailMemory()
    ) -> SolanaRail {
        SolanaRail(
            client: bench.client(chain), treasury: bench.payer,
            settings: SolanaRailSettings(
                tokens: ["MJN": bench.token], openings: SolanaOpenings(budgetLamports: budgetLamports, store: memory)),
            timing: ChainTime(chain).timing)
    }

    private func payOut(_ number: Int, to wallet: SolanaAddress, amountMinor: Int64 = 5) -> RailInstruction {
        .payOut(
            PayOutInstruction(
                reference: "po_\(number)-1", payoutID: "po_\(number)", amountMinor: amountMinor, currency: "MJN",
                destination: wallet.description, payee: "did:imajin:x", drawnOn: nil, beganAtMs: 0))
    }

    private func started() async throws -> SolanaChain {
        let chain = try SolanaChain()
        try await bench.found(chain)
        return chain
    }

    private func lamports(_ chain: SolanaChain) async throws -> Int64 {
        let found = try await bench.client(chain).accounts([bench.payerAddress], .processed)
        return Int64(clamping: found[0]?.lamports ?? 0)
    }

    /// Pays, and returns what it cost.
    private func pay(_ rail: SolanaRail, _ instruction: RailInstruction, _ chain: SolanaChain) async throws -> Int64 {
        guard case .ready(let prepared) = await rail.prepare(instruction, nowMs: 0) else {
            throw NoAddress(text: "not prepared")
        }
        guard case .pending(let facts) = await rail.carryOut(instruction, prepared: prepared, nowMs: 0) else {
            throw NoAddress(text: "not sent")
        }
        try await chain.tick(40)
        let answer = await rail.fetch(instruction, prepared: prepared, reference: facts.reference, nowMs: 0)
        guard case .found(let final) = answer, final.standing == .done else { throw NoAddress(text: "\(answer)") }
        return final.feeMinor ?? -1
    }

    @Test("an account is made before the payout, and the book has to the lamport what the treasury spent")
    func made() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 10_000_000)
        try await node.open("po_1", 5, to: stranger)
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.open("po_2", 5, to: stranger)
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.expectAgreement()
        #expect(try await node.held(stranger) == 10)
        #expect(node.memory.openings.map(\.standing) == [.made])
        #expect(node.balance(.railFees(.solana, "SOL")) > 2_000_000)
        #expect(node.payouts.allSatisfy { $0.feeMinor < 10_000 }, "the account is an entry of its own")
    }

    @Test("where payees bear it, it comes out of their SOL in the book, and what is missing they owe")
    func charged() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 10_000_000, chargesPayees: true)
        _ = try await node.ledger.submit([Commands.fund("sol", People.ada, 1_000_000, "SOL")], atomically: false)
        try await node.open("po_1", 5, to: stranger)
        try await node.open("po_2", 5, to: SolanaAddress(SplitBench.key("another payee").publicKey))
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.expectAgreement()
        let ada = People.ada.string
        let costs = node.ledger.book.lifecycles.values.compactMap { row in
            if case .cost(let cost) = row.lifecycle { cost } else { nil }
        }
        #expect(costs.count == 1 && costs[0].shares.map(\.did) == [ada, ada])
        #expect(costs[0].shares.reduce(0) { $0 + $1.amountMinor } == costs[0].amountMinor, "to the lamport")
        #expect(node.balance(.cash(ada, "SOL")) == 0)
        let owed = AccountKey(owner: ada, kind: .receivable, currency: "SOL")
        #expect(node.balance(owed) == costs[0].amountMinor - 1_000_000)
    }

    @Test("an account that the payee makes in the meantime costs the node a fee and no rent")
    func madeByPayee() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 10_000_000)
        try await node.chain.fault("drop", count: 1_000)
        try await node.open("po_1", 5, to: stranger)
        _ = try await node.worker.pass()
        #expect(node.memory.openings.map(\.standing) == [nil], "claimed, and not landed")
        // The payee has one by now, and the stored transaction lands after it.
        try await node.chain.fund(stranger.description, mint: bench.token.mint.description, amountMinor: 1)
        try await node.chain.clearFaults()
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        for _ in 0..<12 {
            try await node.chain.tick(20)
            _ = try await node.watcher.pass()
        }
        #expect(node.memory.openings.allSatisfy { $0.standing != nil })
        #expect(node.balance(.railFees(.solana, "SOL")) < 100_000)
        try await node.expectAgreement()
    }

    @Test("what an account cost is booked also where its payout is called off")
    func cancelled() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 10_000_000)
        try await node.open("po_1", 5, to: stranger)
        guard case .ready = await node.rail.prepare(payOut(1, to: stranger), nowMs: 0) else {
            Issue.record("not prepared")
            return
        }
        let row = try #require(try await node.ledger.lifecycle("po_1")?.row)
        let command = LifecycleCommands.step(.payout(.cancelled(reason: "no")), of: row)
        #expect(try await node.ledger.submit([command], atomically: false)[0].outcome.isDone)
        try await node.expectAgreement()
        #expect(node.balance(.railFees(.solana, "SOL")) > 2_000_000)
    }

    @Test("what the treasury has no account of it gets one of, when it has SOL, and the book has what it cost")
    func own() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 10_000_000)
        let account = bench.token.account(of: bench.payerAddress)
        try await node.chain.setAccount(account.description, data: [], owner: SolanaProgram.system.description)
        try await node.chain.tick(40)
        for _ in 0..<4 {
            #expect(try await node.watcher.pass().stopped == nil)
            try await node.chain.tick(40)
        }
        let made = try await bench.client(node.chain).accounts([account])[0]
        #expect(made.flatMap { SolanaTokenAccount($0) }?.owner == bench.payerAddress)
        #expect(node.memory.openings.map(\.standing) == [.made])
        #expect(node.balance(.railFees(.solana, "SOL")) > 5_000)
        let sends = try await node.chain.sends()
        _ = try await node.watcher.pass()
        #expect(try await node.chain.sends() == sends)
    }

    @Test("a preview makes nothing, and takes a lacking account for no objection")
    func preview() async throws {
        let chain = try await started()
        let sends = try await chain.sends()
        #expect(await rail(chain).preview(payOut(1, to: stranger), nowMs: 0) == .ready([]))
        let tooMuch = await rail(chain).preview(payOut(2, to: stranger, amountMinor: .max / 2), nowMs: 0)
        guard case .unavailable = tooMuch else {
            Issue.record("\(tooMuch)")
            return
        }
        #expect(try await chain.sends() == sends)
    }

    @Test("who closes the account keeps what stood in it, and gets no second one")
    func closed() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 10_000_000)
        try await node.open("po_1", 5, to: stranger)
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.expectAgreement()
        try await node.chain.setAccount(
            bench.token.account(of: stranger).description, data: [], owner: SolanaProgram.system.description)
        try await node.chain.tick(40)
        let sends = try await node.chain.sends()
        guard case .unavailable = await node.rail.prepare(payOut(2, to: stranger), nowMs: 0) else {
            Issue.record("a node that has not come past the making may not have seen it")
            return
        }
        try await node.chain.tick(300)
        guard case .refused(let refusal) = await node.rail.prepare(payOut(2, to: stranger), nowMs: 0) else {
            Issue.record("it is made again")
            return
        }
        #expect(refusal.code == "recipient_account_missing")
        #expect(try await node.chain.sends() == sends, "nothing is spent on it")
    }

    @Test("the budget ends before it is passed, and nothing is sent where the payout cannot be made anyway")
    func budget() async throws {
        let chain = try await started()
        let others = (0..<3).map { SolanaAddress(SplitBench.key("another payee \($0)").publicKey) }
        let rail = rail(chain, budgetLamports: 5_000_000)
        for (number, wallet) in others.prefix(2).enumerated() {
            _ = try await pay(rail, payOut(number, to: wallet), chain)
        }
        let sends = try await chain.sends()
        let over = await rail.prepare(payOut(3, to: others[2]), nowMs: 0)
        guard case .unavailable(let reason) = over else {
            Issue.record("\(over)")
            return
        }
        #expect(reason.hasPrefix("account_budget: "))
        let dear = self.rail(chain)
        guard case .unavailable = await dear.prepare(payOut(4, to: others[2], amountMinor: .max / 2), nowMs: 0) else {
            Issue.record("the treasury has not so much")
            return
        }
        #expect(try await chain.sends() == sends)
    }

    @Test("tries that cost nothing leave the budget, and those that run stay in it")
    func counted() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 3_000_000)
        try await node.chain.fault("drop", count: 1_000)
        try await node.open("po_1", 5, to: stranger)
        _ = try await node.worker.pass()
        let other = SolanaAddress(SplitBench.key("another payee").publicKey)
        guard case .unavailable(let reason) = await node.rail.prepare(payOut(2, to: other), nowMs: 0) else {
            Issue.record("the first is not over")
            return
        }
        #expect(reason.hasPrefix("account_budget: "))
        try await node.chain.tick(400)
        _ = try await node.watcher.pass()
        #expect(node.memory.openings.map(\.standing) == [.lapsed])
        try await node.chain.clearFaults()
        guard case .ready = await node.rail.prepare(payOut(2, to: other), nowMs: 0) else {
            Issue.record("there is room")
            return
        }
    }
}
