import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import Synchronization
import Testing

@Suite("The treasury's daily outflow")
struct OutflowTests {
    private func payOut(_ id: String, _ amountMinor: Int64, _ currency: String = "MJN") -> PayOutInstruction {
        PayOutInstruction(
            reference: "\(id)-1", payoutID: id, amountMinor: amountMinor, currency: currency, destination: "",
            payee: "", drawnOn: nil, beganAtMs: 0)
    }

    @Test("up to the last unit it may be sent, and not one more")
    func limit() async {
        let limit = SolanaOutflow(maxMinor: ["MJN": 100], store: RailMemory())
        #expect(await limit.promise(payOut("a", 60), nowMs: 1) == nil)
        #expect(
            await limit.promise(payOut("b", 41), nowMs: 1)
                == "outflow_limit: 41 and what was sent in 24 hours, 60, are above 100 MJN")
        #expect(await limit.promise(payOut("b", 40), nowMs: 1) == nil)
        #expect(await limit.promise(payOut("b", 40), nowMs: 2) == nil, "the same payout again")
        #expect(await limit.promise(payOut("c", 1), nowMs: 1) != nil)
        #expect(await limit.promise(payOut("d", .max, "USDC"), nowMs: 1) == nil, "no limit was set for it")
    }

    @Test("where the ledger does not answer nothing is sent")
    func unknown() async {
        let memory = RailMemory()
        memory.state.withLock { $0.isOut = true }
        let limit = SolanaOutflow(maxMinor: ["MJN": 100], store: memory)
        #expect(await limit.promise(payOut("a", 1), nowMs: 1)?.contains("the ledger is out") == true)
    }

    @Test("a payout that waits for the limit makes no account for its payee")
    func before() async throws {
        let bench = SplitBench()
        let node = try await TreasuryNode(bench, budgetLamports: 100_000_000, outflowMinor: 10)
        try await node.open("po_1", 11, to: SolanaAddress(SplitBench.key("lacks an account").publicKey))
        _ = try await node.worker.pass()
        #expect(try node.payout("po_1").status == .held)
        #expect(node.memory.openings.isEmpty)
    }
}
