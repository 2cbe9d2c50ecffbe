import Kernel
import LedgerDouble
import Settlement
import Testing

/// Steps that the ledger refuses do not keep a lifecycle where it is for ever.
@Suite("a refused step")
struct StuckTests {
    private let clock = World.ClockBox()
    private let ledger: LedgerDouble

    init() {
        let clock = clock
        ledger = LedgerDouble(clock: { clock.nowMs })
    }

    private func worker(_ rails: [any Rail]) -> RailWorker {
        let clock = clock
        let flaky = FlakyLedger(ledger, seed: 1, lossPerThousand: 0)
        return RailWorker(
            ledger: ledger, rails: rails, settling: PlainSettling(ledger: flaky), clock: { clock.nowMs },
            makeID: { $0 + "1" })
    }

    private func payout(_ worker: RailWorker) async throws -> Payout? {
        _ = try await worker.pass()
        guard case .payout(let payout)? = try await ledger.lifecycle("po_1")?.row.lifecycle else { return nil }
        return payout
    }

    private func run(_ command: Command) async throws {
        let outcome = try await ledger.submit([command], atomically: false)[0].outcome
        #expect(outcome.isDone, "\(outcome)")
    }

    @Test("a payout whose money was spent between its tries stops, and is not tried for ever")
    func spentMeanwhile() async throws {
        let worker = worker([FaultyRail(seed: 1, faults: FaultyRail.Faults(refusal: 1000))])
        try await run(Commands.fund("f", People.ada, 600))
        let made = RailCommands.payout("1", to: People.ada, 600, nowMs: clock.nowMs)
        #expect(try await worker.open(made, key: "po_1").isDone)
        #expect(try await payout(worker)?.status == .failed)
        try await run(Commands.settle("s", payer: People.ada, to: [(People.bob, 600)]))
        clock.advance(2 * 86_400_000)
        let second = try #require(try await payout(worker))
        #expect(second.status == .failed && second.failures == 2 && second.refusal?.code == "insufficient_funds")
        clock.advance(5 * 86_400_000)
        let third = try #require(try await payout(worker))
        #expect(third.status == .stopped && third.refusal?.code == "insufficient_funds")
        #expect(try await ledger.dueLifecycles(nowMs: .max, limit: 10).isEmpty)
    }

    @Test("a frozen payee's payout waits, and is paid when the payee is free again")
    func frozen() async throws {
        let worker = worker([FaultyRail(seed: 1, faults: .none)])
        try await run(Commands.fund("f", People.ada, 600))
        let made = RailCommands.payout("1", to: People.ada, 600, nowMs: clock.nowMs)
        #expect(try await worker.open(made, key: "po_1").isDone)
        try await run(Commands.restrict("r", People.ada, .freeze))
        let waiting = try #require(try await payout(worker))
        #expect(waiting.status == .held && (waiting.dueAtMs ?? 0) > clock.nowMs)
        #expect(try await ledger.dueLifecycles(nowMs: clock.nowMs, limit: 10).isEmpty)
        try await run(Commands.restrict("u", People.ada, .unfreeze))
        clock.advance(3_600_000)
        #expect(try await payout(worker)?.status == .paid)
    }

    @Test("a refund waits for a rail that is off")
    func railOff() async throws {
        let rail = FaultyRail(seed: 1, faults: .none)
        let on = worker([rail])
        let payment = RailCommands.payment("1", payer: People.cyd, 1000, purpose: .spend)
        try await run(RailCommands.open(.openPayment(payment), payment.id, of: People.cyd))
        _ = try await on.pass()
        rail.pay("pay_1-1")
        clock.advance(60_000)
        _ = try await on.pass()
        let command = RailCommands.open(
            .openRefund(amountMinor: nil, reason: "asked for", creator: "node", done: nil), "rrf_1", of: People.cyd,
            related: [payment.id])
        try await run(command)
        _ = try await worker([]).pass()
        let row = try #require(try await ledger.lifecycle("rrf_1")?.row)
        #expect(row.lifecycle.facts.status == "held" && (row.lifecycle.facts.dueAtMs ?? 0) > clock.nowMs)
    }
}
