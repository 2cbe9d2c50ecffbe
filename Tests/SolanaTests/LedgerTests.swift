import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Synchronization
import Testing

@Suite("The ledger keeps step with the chain")
struct LedgerTests {
    private let bench = SplitBench()

    /// Nobody checks out here.
    private struct NoPayments: PaymentSettling {
        func settle(_ payment: Payment) async -> PaymentSettlement { .later("there are none") }
        func parts(ofSettlement id: String) async throws(LedgerFailure) -> [PayeePart] { [] }
        func takeBack(
            settlement id: String, amountMinor: Int64, to destination: RefundDestination, reason: String, key: String
        ) async throws(LedgerFailure) -> Outcome { Outcome(status: 404, code: "settlement_unknown", body: []) }
    }

    /// A node whose treasury is on a chain, on a clock that the test turns.
    private final class Node: Sendable {
        let chain: SolanaChain
        let ledger: LedgerDouble
        let worker: RailWorker

        init(_ bench: SplitBench) async throws {
            let chain = try SolanaChain()
            try await bench.found(chain)
            let timing = ChainTime(chain).timing
            let rail = SolanaRail(
                client: SolanaClient(SolanaRPC(SplitBench.endpoint(chain), http: chain.http, timing: timing)),
                treasury: bench.payer, settings: SolanaRailSettings(tokens: ["MJN": bench.token], roundsPerCall: 5),
                timing: timing)
            let box = ClockBox()
            let ledger = LedgerDouble(clock: { box.nowMs })
            self.chain = chain
            self.ledger = ledger
            clock = box
            worker = RailWorker(
                ledger: ledger, rails: [rail], settling: NoPayments(), clock: { box.nowMs }, makeID: { "\($0)x" })
        }

        let clock: ClockBox

        func payout(_ id: String) -> Payout? {
            if case .payout(let payout)? = ledger.book.lifecycles[id]?.lifecycle { payout } else { nil }
        }

        func balance(_ key: AccountKey) -> Int64 {
            ledger.book.accounts.values.first { $0.key == key }.map { $0.counters.balance(key.kind.accountClass) } ?? 0
        }

        /// Days go by, and slots with them, until the payout is where it should be.
        func work(_ id: String, until status: Payout.Status) async throws {
            for _ in 0..<60 {
                _ = try await worker.pass()
                if payout(id)?.status == status { return }
                clock.advance(6 * 3_600_000)
                try await chain.tick(20)
            }
            Issue.record("\(id) is \(String(describing: payout(id)))")
        }
    }

    private final class ClockBox: Sendable {
        private let time = Mutex(People.noonMs)
        var nowMs: Int64 { time.withLock { $0 } }
        func advance(_ ms: Int64) { time.withLock { $0 += ms } }
    }

    private func treasury(_ node: Node) async throws -> (tokens: Int64, lamports: Int64) {
        let accounts = try await bench.client(node.chain).accounts(
            [bench.token.account(of: bench.payerAddress), bench.payerAddress], .finalized)
        let held = accounts[0].flatMap { SolanaTokenAccount($0) }
        return (Int64(held?.amountMinor ?? 0), Int64(accounts[1]?.lamports ?? 0))
    }

    @Test(
        "what leaves the treasury leaves its clearing accounts, tokens and fees", arguments: ["", "drop", "loseReply"])
    func inStep(_ fault: String) async throws {
        let node = try await Node(bench)
        _ = try await node.ledger.submit([Commands.fund("a", People.ada, 90_000_000, "MJN")], atomically: false)
        let before = try await treasury(node)
        let clearingBefore = node.balance(.clearing(.solana, "MJN"))
        if !fault.isEmpty { try await node.chain.fault(fault, count: fault == "drop" ? 1_000 : 2) }
        let payout = Payout(
            id: "po_1", payee: People.ada.string, rail: .solana, destination: bench.owners[0].description,
            amountMinor: 25_000_000, currency: "MJN", cause: .withdrawal, creator: People.ada.string,
            nowMs: node.clock.nowMs)
        #expect(try await node.worker.open(payout, key: payout.id).isDone)
        if fault == "drop" {
            // Nothing lands: the attempt expires, the money is released, and a later attempt pays.
            try await node.work(payout.id, until: .failed)
            #expect(node.payout(payout.id)?.refusal?.code == SolanaRail.expiredCode)
            #expect(node.balance(.clearing(.solana, "MJN")) == clearingBefore)
            #expect(try await treasury(node) == before)
            try await node.chain.clearFaults()
        }
        try await node.work(payout.id, until: .paid)
        try await node.chain.tick(400)
        let after = try await treasury(node)
        #expect(before.tokens - after.tokens == 25_000_000)
        #expect(clearingBefore - node.balance(.clearing(.solana, "MJN")) == 25_000_000)
        #expect(node.balance(.cash(People.ada, "MJN")) == 65_000_000)
        #expect(before.lamports - after.lamports > 0)
        #expect(before.lamports - after.lamports == -node.balance(.clearing(.solana, "SOL")))
        #expect(node.balance(.railFees(.solana, "SOL")) == before.lamports - after.lamports)
        #expect(node.payout(payout.id)?.tries == (fault == "drop" ? 2 : 1))
    }
}
