import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("The ledger keeps step with the chain")
struct LedgerTests {
    private let bench = SplitBench()

    @Test(
        "what leaves the treasury leaves its clearing accounts, tokens and fees", arguments: ["", "drop", "loseReply"])
    func inStep(_ fault: String) async throws {
        let node = try await TreasuryNode(bench)
        if !fault.isEmpty { try await node.chain.fault(fault, count: fault == "drop" ? 1_000 : 2) }
        try await node.open("po_1", 25_000_000, to: bench.owners[0])
        if fault == "drop" {
            // Nothing lands: the attempt lapses, the money stays held, and another attempt pays without a failure.
            try await node.work(stepMs: 60_000) { $0.status == .held && $0.tries == 1 }
            #expect(node.balance(.cash(People.ada.string, "MJN")) == 900_000_000)
            let waiting = try node.payout("po_1")
            #expect(waiting.failures == 0 && waiting.attempt == nil)
            try await node.chain.clearFaults()
        }
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        #expect(try node.payout("po_1").tries == (fault == "drop" ? 2 : 1))
        try await node.expectAgreement()
    }

    @Test("SOL as a token and SOL for fees are kept apart")
    func wrapped() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 10_000_000, currency: "SOL")
        try await node.open("po_1", 25_000_000, to: bench.owners[0])
        try await node.open("po_2", 1_000, to: SolanaAddress(SplitBench.key("lacks an account").publicKey))
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        #expect(node.balance(.clearing(.solana, "SOL")) == -25_001_000)
        try await node.expectAgreement()
    }

    @Test("a transaction that landed and failed costs its fee, and the book has it")
    func failed() async throws {
        let node = try await TreasuryNode(bench)
        try await node.open("po_1", 5, to: bench.owners[0])
        // Between the check and the landing the payee's account is frozen.
        let instruction = RailInstruction.payOut(
            PayOutInstruction(
                reference: "po_1-1", payoutID: "po_1", amountMinor: 5, currency: "MJN",
                destination: bench.owners[0].description, payee: "", drawnOn: nil, beganAtMs: 0))
        guard case .ready(let prepared) = await node.rail.prepare(instruction, nowMs: 0) else {
            Issue.record("not prepared")
            return
        }
        let row = try #require(try await node.ledger.lifecycle("po_1")?.row)
        let command = LifecycleCommands.step(.payout(.began(prepared: prepared)), of: row)
        #expect(try await node.ledger.submit([command], atomically: false)[0].outcome.isDone)
        try await node.chain.freeze(bench.accounts[0].description)
        let bytes = try #require(SolanaPrepared(bytes: prepared)).transaction.bytes
        _ = await bench.client(node.chain).send(bytes, skipsPreflight: true)
        try await node.chain.tick(40)
        node.clock.advance(600_000)
        try await node.work(stepMs: 60_000) { $0.status == .failed }
        let failed = try node.payout("po_1")
        #expect(failed.refusal?.code == "recipient_frozen" && failed.failures == 1 && failed.feeMinor > 0)
        try await node.expectAgreement()
        try await node.chain.freeze(bench.accounts[0].description, false)
        try await node.work { $0.status == .paid }
        #expect(try node.payout("po_1").feeMinor > failed.feeMinor, "both tries cost")
        try await node.expectAgreement()
    }
}
