import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Synchronization
import Testing

@Suite("Direct payments to more payees than fit without a lookup table")
struct TableTests {
    private func world(budgetLamports: Int64 = 50_000_000) async throws -> PayerWorld {
        let world = try await PayerWorld(budgetLamports: budgetLamports)
        try await world.chain.airdrop(world.treasuryAddress.description, lamports: 1_000_000_000)
        try await world.chain.tick(40)
        return world
    }

    private func lamports(_ world: PayerWorld) async throws -> Int64 {
        Int64(
            clamping: try await world.bench.client(world.chain).accounts([world.treasuryAddress], .finalized)[0]?
                .lamports ?? 0)
    }

    private func parts(_ count: Int) -> [Int64] { (0..<count).map { Int64(1_000 + $0) } }

    /// The worker goes on until the payment is open.
    private func opened(_ world: PayerWorld, _ id: String, _ count: Int, nodeMinor: Int64 = 50) async throws -> Payment
    {
        var payment = try await world.open(id, parts: parts(count), nodeMinor: nodeMinor, lifeMs: 36_000_000)
        for _ in 0..<12 where payment.status == .opening {
            try await world.time.timing.sleep(30_000)
            _ = try await world.worker.pass()
            payment = try world.payment(id)
        }
        return payment
    }

    @Test("as many as fit are paid at once by one signature, and the table's rent comes back", arguments: [17, 30, 43])
    func paid(_ count: Int) async throws {
        let world = try await world()
        let before = try await lamports(world)
        let payment = try await opened(world, "pay_1", count)
        #expect(payment.status == .pending, "\(payment)")
        guard case .ready(let bytes) = await world.made(payment) else {
            Issue.record("there is no transaction: \(await world.made(payment))")
            return
        }
        #expect(bytes.count <= 1_232)
        #expect(try await Judge.ids([bytes]).allSatisfy { $0 != nil }, "the other library reads it")
        let given = await world.rail.transaction(
            for: world.collect(payment), prepared: payment.attempt?.prepared ?? [],
            account: world.bench.payerAddress.description, given: bytes, nowMs: world.nowMs)
        #expect(given == .ready(bytes), "it knows its own")
        try await world.send(try SolanaTransaction(parsing: bytes).message)
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        #expect((0..<count).map { world.passed($0) } == parts(count))
        #expect(world.balance(.clearing(.solana, "MJN")) == 50)
        try await world.expectAgreement()
        // The table is closed in its time, and the book has what it cost in the end: fees.
        for _ in 0..<30 {
            try await world.chain.tick(60)
            _ = try await world.watcher.pass()
        }
        #expect(world.memory.openings.allSatisfy { $0.standing != nil }, "\(world.memory.openings.map(\.token))")
        let spent = before - (try await lamports(world))
        #expect(spent > 0 && spent < 60_000, "fees of some transactions, no rent")
        #expect(world.balance(.railFees(.solana, "SOL")) == spent)
        #expect(world.balance(.feeFund(.solana, "SOL")) == -spent)
    }

    @Test("payees who lack an account of the token get one when the checkout is opened, within the budget")
    func lacking() async throws {
        let world = try await world()
        let lacks = (0..<3).map { SolanaAddress(SplitBench.key("lacks an account \($0)").publicKey).description }
        let addresses = lacks + (3..<20).map { world.bench.owners[$0].description }
        let payment = try await world.open(
            "pay_1", parts: parts(20), nodeMinor: 50, lifeMs: 36_000_000, addresses: addresses)
        #expect(payment.status == .pending, "\(payment)")
        try await world.pay(payment)
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        #expect(Set(world.memory.openings.map(\.owner)).isSuperset(of: lacks))
        let poor = try await self.world(budgetLamports: 2_500_000)
        let refused = try await poor.open("pay_2", parts: parts(3), nodeMinor: 50, addresses: lacks)
        #expect(refused.status == .failed && refused.refusal?.code == "account_budget", "\(refused)")
        #expect(poor.memory.openings.isEmpty)
    }

    @Test("more than a table has room for is refused before anything is made")
    func tooMany() async throws {
        let world = try await world()
        let payment = try await world.open("pay_1", parts: parts(50), nodeMinor: 50)
        #expect(payment.status == .failed && payment.refusal?.code == "split_too_large_for_rail")
        #expect(world.memory.openings.isEmpty)
        let most = try await (40...50).asyncLast { count in
            try await world.open("pay_m\(count)", parts: self.parts(count), nodeMinor: 50).status != .failed
        }
        #expect(most == 43, "43 payees and the node")
    }

    @Test("where the budget is used a checkout is refused with its own code, and small ones go on")
    func budget() async throws {
        let world = try await world(budgetLamports: 9_000_000)
        let large = try await world.open("pay_1", parts: parts(40), nodeMinor: 50)
        #expect(large.status == .failed && large.refusal?.code == "account_budget")
        let small = try await world.open("pay_2", parts: parts(15), nodeMinor: 50)
        #expect(small.status == .pending)
    }

    @Test("a making that breaks off anywhere goes on, and is paid for once", arguments: ["drop", "loseReply"])
    func faults(_ fault: String) async throws {
        let world = try await world()
        try await world.chain.fault(fault, count: 3)
        let payment = try await opened(world, "pay_1", 30)
        #expect(payment.status == .pending)
        try await world.pay(payment)
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        let made = world.memory.openings.filter { $0.token.hasPrefix("lookup table ") && $0.standing != .lapsed }
        #expect(Set(made.map(\.token)).count == made.count, "each step once")
        try await world.expectAgreement()
    }

    @Test("payments that begin in one slot get a table each, and one's end leaves the other its own")
    func sameSlot() async throws {
        let world = try await world()
        var payments = [
            try await world.open("pay_1", parts: parts(18), nodeMinor: 50, lifeMs: 36_000_000),
            try await world.open("pay_2", parts: parts(19), nodeMinor: 50, lifeMs: 360_000_000),
        ]
        for _ in 0..<20 where payments.contains(where: { $0.status == .opening }) {
            try await world.time.timing.sleep(10_000)
            _ = try await world.worker.pass()
            _ = try await world.watcher.pass()
            payments = [try world.payment("pay_1"), try world.payment("pay_2")]
        }
        #expect(payments.map(\.status) == [.pending, .pending])
        try await world.pay(payments[0])
        try await world.look()
        for _ in 0..<30 {
            try await world.chain.tick(60)
            _ = try await world.watcher.pass()
        }
        try await world.pay(payments[1])
        try await world.look()
        #expect(try world.payment("pay_2").status == .settled)
        for _ in 0..<30 {
            try await world.chain.tick(60)
            _ = try await world.watcher.pass()
        }
        #expect(world.memory.openings.allSatisfy { $0.standing != nil })
        let costs = world.memory.openings.filter { $0.standing == .failed }
        #expect(costs.count <= 1, "one of them may have found the address taken")
    }

    @Test("a payment that nobody pays has its table closed all the same")
    func unpaid() async throws {
        let world = try await world()
        let before = try await lamports(world)
        let payment = try await opened(world, "pay_1", 20)
        #expect(payment.status == .pending)
        try await world.time.timing.sleep(40_000_000)
        for _ in 0..<40 {
            _ = try await world.worker.pass()
            try await world.time.timing.sleep(60_000)
            _ = try await world.watcher.pass()
        }
        #expect(try world.payment("pay_1").status == .cancelled)
        #expect(world.memory.openings.allSatisfy { $0.standing != nil })
        #expect(before - (try await lamports(world)) < 60_000)
    }
}

extension Sequence {
    /// The last element that passes.
    fileprivate func asyncLast(_ passes: (Element) async throws -> Bool) async rethrows -> Element? {
        var last: Element?
        for element in self { if try await passes(element) { last = element } }
        return last
    }
}
