import Cryptography
import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Solana
import SolanaChain
import Synchronization
import Testing

/// A node whose treasury is on a chain, on a clock that the test turns.
final class TreasuryNode: Sendable {
    let chain: SolanaChain
    let ledger: LedgerDouble
    let worker: RailWorker
    /// Two more, whose ledger loses questions and answers.
    let flaky: [RailWorker]
    let watcher: SolanaWatcher
    let memory = RailMemory()
    let rail: SolanaRail
    let clock = Clock()
    /// Between the rail and the chain.
    let hook: HTTPHook
    private let bench: SplitBench
    private let currency: String
    private let start: (tokens: Int64, lamports: Int64)

    final class Clock: Sendable {
        private let time = Mutex(People.noonMs)
        var nowMs: Int64 { time.withLock { $0 } }
        func advance(_ ms: Int64) { time.withLock { $0 += ms } }
    }

    /// Nobody checks out here.
    private struct NoPayments: PaymentSettling {
        func settle(_ payment: Payment) async -> PaymentSettlement { .later("there are none") }
        func parts(ofSettlement id: String) async throws(LedgerFailure) -> [PayeePart] { [] }
        func takeBack(
            settlement id: String, amountMinor: Int64, to destination: RefundDestination, reason: String, key: String
        ) async throws(LedgerFailure) -> Outcome { Outcome(status: 404, code: "settlement_unknown", body: []) }
    }

    private final class Positions: RailPositionStore {
        private let positions = Mutex<[String: RailPosition]>([:])
        func position(of list: String) async throws(LedgerFailure) -> RailPosition? {
            positions.withLock { $0[list] }
        }
        func setPosition(_ position: RailPosition, of list: String) async throws(LedgerFailure) {
            positions.withLock { $0[list] = position }
        }
    }

    init(
        _ bench: SplitBench, roundsPerCall: Int = 5, budgetLamports: Int64 = 0, outflowMinor: Int64? = nil,
        currency: String = "MJN", chargesPayees: Bool = false, nonceCount: Int = 0
    ) async throws {
        self.currency = currency
        let chain = try SolanaChain()
        try await bench.found(chain)
        let timing = ChainTime(chain).timing
        hook = HTTPHook(chain.http)
        let settings = SolanaRailSettings(
            tokens: [currency: bench.token], roundsPerCall: roundsPerCall,
            outflow: outflowMinor.map { [memory] in SolanaOutflow(maxMinor: [currency: $0], store: memory) },
            openings: SolanaOpenings(budgetLamports: budgetLamports, chargesPayees: chargesPayees, store: memory),
            nonces: SolanaNonces(count: nonceCount, store: memory))
        let client = SolanaClient(SolanaRPC(SplitBench.endpoint(chain), http: hook, timing: timing))
        // Each as in a process of its own.
        let rails = (0...2).map { _ in
            SolanaRail(client: client, treasury: bench.payer, settings: settings, timing: timing)
        }
        rail = rails[0]
        let clock = clock
        let ledger = LedgerDouble(clock: { clock.nowMs })
        (self.chain, self.ledger, self.bench) = (chain, ledger, bench)
        worker = RailWorker(
            ledger: ledger, rails: [rail], settling: NoPayments(), clock: { clock.nowMs }, makeID: { "\($0)x" })
        flaky = (1...2).map { seed in
            RailWorker(
                ledger: FlakyLedger(ledger, seed: UInt64(seed), lossPerThousand: 50), rails: [rails[seed]],
                settling: NoPayments(),
                clock: { clock.nowMs }, makeID: { "\($0)x" })
        }
        watcher = SolanaWatcher(
            rail: rail, ledger: ledger, worker: worker, positions: Positions(), clock: { clock.nowMs })
        _ = try await ledger.submit([Commands.fund("a", People.ada, 900_000_000, currency)], atomically: false)
        start = try await Self.treasury(bench, chain)
    }

    private static func treasury(
        _ bench: SplitBench, _ chain: SolanaChain
    ) async throws -> (tokens: Int64, lamports: Int64) {
        let accounts = try await bench.client(chain).accounts(
            [bench.token.account(of: bench.payerAddress), bench.payerAddress], .finalized)
        let held = accounts[0].flatMap { SolanaTokenAccount($0) }
        return (Int64(held?.amountMinor ?? 0), Int64(accounts[1]?.lamports ?? 0))
    }

    /// Opens a payout whose money Ada has.
    func open(_ id: String, _ amountMinor: Int64, to wallet: SolanaAddress) async throws {
        let payout = Payout(
            id: id, payee: People.ada.string, rail: .solana, destination: wallet.description,
            amountMinor: amountMinor, currency: currency, cause: .withdrawal, creator: People.ada.string,
            nowMs: clock.nowMs)
        #expect(try await worker.open(payout, key: id).isDone)
    }

    /// Prepares all payouts in one transaction and stores that it begins, without sending it.
    /// - Returns: the transaction's bytes.
    func begin() async throws -> [UInt8] {
        let rows = ledger.book.lifecycles.values.filter { $0.lifecycle.kind == .payout }.sorted { $0.id < $1.id }
        let instructions = rows.compactMap { row in
            if case .begin(.payOut(let instruction)) = RailTask.next(for: row, nowMs: clock.nowMs) {
                instruction
            } else {
                nil
            }
        }
        let prepared = await rail.prepare(instructions, nowMs: clock.nowMs).compactMap { preparation in
            if case .ready(let bytes) = preparation { bytes } else { nil }
        }
        try #require(prepared.count == rows.count)
        let commands = zip(rows, prepared).map { LifecycleCommands.step(.payout(.began(prepared: $1)), of: $0) }
        let isDone = try await ledger.submit(commands, atomically: true).allSatisfy { $0.outcome.isDone }
        #expect(isDone)
        return try #require(prepared.first.flatMap { SolanaPrepared(bytes: $0) }).transaction.bytes
    }

    /// Passes bytes on without having a node try them, and lets them become final.
    func land(_ bytes: [UInt8]) async throws {
        _ = await bench.client(chain).send(bytes, skipsPreflight: true)
        try await chain.tick(40)
    }

    func payout(_ id: String) throws -> Payout {
        guard case .payout(let payout)? = ledger.book.lifecycles[id]?.lifecycle else {
            throw NoAddress(text: "there is no payout \(id)")
        }
        return payout
    }

    var payouts: [Payout] {
        ledger.book.lifecycles.values.compactMap { row in
            if case .payout(let payout) = row.lifecycle { payout } else { nil }
        }.sorted { $0.id < $1.id }
    }

    func balance(_ key: AccountKey) -> Int64 {
        ledger.book.accounts.values.first { $0.key == key }.map { $0.counters.balance(key.kind.accountClass) } ?? 0
    }

    /// What a wallet has of the token.
    func held(_ wallet: SolanaAddress) async throws -> Int64 {
        let account = try await bench.client(chain).accounts([bench.token.account(of: wallet)], .processed)[0]
        return account.flatMap { SolanaTokenAccount($0) }.map { Int64($0.amountMinor) } ?? 0
    }

    /// Time goes by, and slots with it, until all payouts are where they should be.
    func work(stepMs: Int64 = 6 * 3_600_000, until isDone: (Payout) -> Bool) async throws {
        for _ in 0..<80 {
            _ = try await worker.pass()
            _ = try await watcher.pass()
            if payouts.allSatisfy(isDone) { break }
            clock.advance(stepMs)
            try await chain.tick(20)
        }
        let left = payouts.filter { !isDone($0) }
        #expect(left.isEmpty, "\(left)")
    }

    /// The book has of tokens and of SOL what the chain has, when everything is final.
    func expectAgreement() async throws {
        try await chain.tick(40)
        _ = try await watcher.pass()
        let now = try await Self.treasury(bench, chain)
        let paid = payouts.filter { $0.status == .paid }.reduce(0) { $0 + $1.amountMinor }
        #expect(start.tokens - now.tokens == paid)
        #expect(-balance(.clearing(.solana, currency)) == paid)
        #expect(balance(.cash(People.ada.string, currency)) == 900_000_000 - paid)
        #expect(start.lamports - now.lamports == -balance(.feeFund(.solana, "SOL")))
        var (costs, borne) = (Int64(0), Int64(0))
        for case .cost(let cost) in ledger.book.lifecycles.values.map(\.lifecycle) {
            costs += cost.amountMinor
            borne += cost.shares.reduce(0) { $0 + $1.amountMinor }
        }
        #expect(balance(.railFees(.solana, "SOL")) == start.lamports - now.lamports - borne)
        #expect(payouts.reduce(costs) { $0 + $1.feeMinor } == start.lamports - now.lamports)
    }
}
