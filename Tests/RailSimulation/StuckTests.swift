import Cryptography
import Kernel
import LedgerDouble
import RailDouble
import RailWorld
import Settlement
import Synchronization
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

    private func worker(_ rails: [any Rail], makes number: Int = 1) -> RailWorker {
        let clock = clock
        let flaky = FlakyLedger(ledger, seed: 1, lossPerThousand: 0)
        return RailWorker(
            ledger: ledger, rails: rails, settling: PlainSettling(ledger: flaky), clock: { clock.nowMs },
            makeID: { $0 + "\(number)" })
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

    @Test("beside a payout that has stopped no other is opened, but to another destination")
    func otherDestination() async throws {
        let worker = worker([FaultyRail(seed: 1, faults: FaultyRail.Faults(refusal: 1000))], makes: 2)
        try await run(Commands.fund("f", People.ada, 600))
        let made = RailCommands.payout("1", to: People.ada, 600, nowMs: clock.nowMs)
        #expect(try await worker.open(made, key: "po_1").isDone)
        for days: Int64 in [0, 2, 5] {
            clock.advance(days * 86_400_000)
            _ = try await payout(worker)
        }
        #expect(try await payout(worker)?.status == .stopped)
        func policy(_ address: String) -> PayoutPolicy {
            PayoutPolicy(
                destinations: [.init(rail: .stripe, currency: Commands.usd, address: address)], defaultRail: nil,
                schedule: .daily, minimumMinor: [:])
        }
        #expect(
            try await worker.payOut(People.ada, policy(made.destination), cause: .schedule, key: "same").isEmpty)
        let opened = try await worker.payOut(People.ada, policy("acct_new"), cause: .schedule, key: "new")
        #expect(opened == ["po_2"])
    }

    @Test("news of a payout that come before the answer to its call say all, and alarm nobody")
    func newsFirst() async throws {
        let rail = ScriptedRail(.stripe, capabilities: [.payOut])
        let told = Mutex<[RailReport]>([])
        let clock = clock
        let worker = RailWorker(
            ledger: ledger, rails: [rail],
            settling: PlainSettling(ledger: FlakyLedger(ledger, seed: 1, lossPerThousand: 0)),
            clock: { clock.nowMs }, makeID: { $0 + "1" }, report: { report in told.withLock { $0.append(report) } })
        rail.whileCalling { reference in
            let facts = RailFacts(standing: .done, reference: ScriptedRail.name(of: reference), amountMinor: 600)
            _ = try? await worker.take(.instruction(reference: reference, facts), from: .stripe)
        }
        rail.rules.currencies = [Commands.usd]
        try await run(Commands.fund("f", People.ada, 600))
        let made = RailCommands.payout("1", to: People.ada, 600, nowMs: clock.nowMs)
        #expect(try await worker.open(made, key: "po_1").isDone)
        #expect(try await payout(worker)?.status == .paid)
        #expect(told.withLock { $0.map { "\($0.kind)" } } == [])
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

    @Test("what an operator holds back stays, and a scheduled payout takes the rest")
    func heldBack() async throws {
        let worker = worker([FaultyRail(seed: 1, faults: .none)])
        try await run(Commands.fund("f", People.ada, 600))
        try await run(Commands.restrict("r", People.ada, .holdBack(currency: Commands.usd, amountMinor: 250)))
        let policy = PayoutPolicy(
            destinations: [.init(rail: .stripe, currency: Commands.usd, address: "acct_open")], defaultRail: nil,
            schedule: .daily, minimumMinor: [:])
        #expect(try await worker.payOut(People.ada, policy, cause: .schedule, key: "k") == ["po_1"])
        #expect(try await payout(worker)?.amountMinor == 350)
        #expect(try await worker.choices(People.ada, policy).isEmpty)
        try await run(Commands.restrict("z", People.ada, .freeze))
        try await run(Commands.restrict("y", People.ada, .holdBack(currency: Commands.usd, amountMinor: 0)))
        #expect(try await worker.choices(People.ada, policy).isEmpty, "a frozen account pays nothing out")
    }

    @Test("a payment that cannot be settled for a day goes to suspense, and somebody is told")
    func neverSettled() async throws {
        struct Away: PaymentSettling {
            func settle(_ payment: Payment) async -> PaymentSettlement { .later("the relay is out") }
            func parts(ofSettlement id: String) async throws(LedgerFailure) -> [PayeePart] { [] }
            func takeBack(
                settlement id: String, amountMinor: Int64, to destination: RefundDestination, reason: String,
                key: String
            ) async throws(LedgerFailure) -> Outcome { Outcome(status: 404, code: "settlement_unknown", body: []) }
        }
        let clock = clock
        let told = Mutex<[RailReport.Kind]>([])
        let rail = FaultyRail(seed: 1, faults: .none)
        let worker = RailWorker(
            ledger: ledger, rails: [rail], settling: Away(), clock: { clock.nowMs }, makeID: { $0 + "1" },
            report: { report in told.withLock { $0.append(report.kind) } })
        let payment = RailCommands.payment(
            "1", payer: People.cyd, 1000, purpose: .settle(manifestCID: "bafytest"))
        try await run(RailCommands.open(.openPayment(payment), payment.id, of: People.cyd))
        _ = try await worker.pass()
        rail.pay("pay_1-1")
        for _ in 0..<60 {
            clock.advance(3_600_000)
            _ = try await worker.pass()
        }
        guard case .payment(let ended)? = try await ledger.lifecycle("pay_1")?.row.lifecycle else {
            Issue.record("no payment")
            return
        }
        #expect(ended.status == .suspended && ended.refusal?.code == "settle_unavailable")
        #expect(told.withLock { $0.count { $0 == .needsAttention } } == 1)
        #expect(try await ledger.dueLifecycles(nowMs: .max, limit: 10).isEmpty)
    }

    @Test("what a call comes to counts for its own attempt alone, however late it comes")
    func lateOutcome() async throws {
        let rail = ScriptedRail(RailCommands.rail)
        let worker = worker([rail])
        try await run(Commands.fund("f", People.ada, 600))
        let made = RailCommands.payout("1", to: People.ada, 600, nowMs: clock.nowMs)
        #expect(try await worker.open(made, key: "po_1").isDone)
        let clock = clock
        // While the first call goes on, another process asks, lets the attempt lapse, and begins the next one.
        rail.scriptOutcomes(.lapsed("too late"), .unknown("no answer"), .lapsed("too late"))
        rail.whileCalling { _ in
            rail.whileCalling(nil)
            for _ in 0..<2 {
                clock.advance(RailTiming.callMs + 1)
                _ = try? await worker.pass()
            }
        }
        let payout = try #require(try await payout(worker))
        #expect(rail.calls.count { $0 == .carryOut("po_1-1") } == 2)
        #expect(payout.status == .sending && payout.attempt?.number == 2, "the second may have paid")
        clock.advance(RailTiming.callMs)
        #expect(try await self.payout(worker)?.status == .paid)
        #expect(rail.calls.count { $0 == .carryOut("po_1-2") } == 2)
    }

    @Test("what a rail had and lost is made anew where that can happen there, and is a person's question elsewhere")
    func lost() async throws {
        for lapses in [true, false] {
            let rail = ScriptedRail(RailCommands.rail, capabilities: lapses ? [.payOut, .lapses] : [.payOut])
            let worker = worker([rail])
            let id = lapses ? "1" : "2"
            try await run(Commands.fund("f\(id)", People.ada, 600))
            let made = RailCommands.payout(id, to: People.ada, 600, nowMs: clock.nowMs)
            #expect(try await worker.open(made, key: made.id).isDone)
            let facts = RailCommands.facts(.pending, "at_po_\(id)-1", 600)
            rail.scriptOutcomes(.pending(facts), .lapsed("a fork that was dropped"))
            rail.scriptAnswers(.absent)
            for _ in 0..<6 {
                _ = try await worker.pass()
                clock.advance(3_600_000)
            }
            guard case .payout(let payout)? = try await ledger.lifecycle(made.id)?.row.lifecycle else {
                Issue.record("no payout")
                return
            }
            #expect(payout.failures == 0)
            if lapses {
                #expect(payout.status == .paid && payout.tries == 2 && payout.reference == "at_po_1-2")
            } else {
                #expect(payout.tries == 1 && rail.calls.count { $0 == .carryOut("po_2-1") } == 1)
            }
        }
    }

    @Test("a call whose process is gone is asked for at once by whoever comes next, one that may go on is left alone")
    func takenOver() async throws {
        let rail = ScriptedRail(RailCommands.rail)
        for (id, process) in [("1", "gone"), ("2", "alive"), ("3", nil)] {
            try await run(Commands.fund("f\(id)", People.ada, 600))
            let made = RailCommands.payout(id, to: People.ada, 600, nowMs: clock.nowMs)
            #expect(try await worker([rail]).open(made, key: made.id).isDone)
            let row = try #require(try await ledger.lifecycle(made.id)?.row)
            try await run(LifecycleCommands.step(.payout(.began(prepared: [], by: process)), of: row))
        }
        let worker = worker([rail])
        for _ in 0..<2 {
            try await worker.takeOver { $0 == "gone" }
            clock.advance(3_000)
            _ = try await worker.pass()
        }
        let statuses = ["po_1", "po_2", "po_3"].map { ledger.book.lifecycles[$0]?.lifecycle.facts.status }
        #expect(statuses == ["paid", "sending", "sending"])
    }

    @Test(
        "a payment that waits for its payer is nobody's call, though the process that opened it is gone"
    )
    func notTakenOver() async throws {
        let rail = FaultyRail(seed: 1, faults: .none)
        let worker = worker([rail])
        let payment = RailCommands.payment("1", payer: People.cyd, 1000, purpose: .spend)
        try await run(RailCommands.open(.openPayment(payment), payment.id, of: People.cyd))
        let row = try #require(try await ledger.lifecycle(payment.id)?.row)
        try await run(LifecycleCommands.step(.payment(.began(prepared: [], by: "gone")), of: row))
        let facts = RailCommands.facts(.pending, "at_pay_1", 1000)
        let begun = try #require(try await ledger.lifecycle(payment.id)?.row)
        try await run(LifecycleCommands.step(.payment(.observed(facts)), of: begun))
        let before = try await ledger.lifecycle(payment.id)?.row
        #expect(before?.lifecycle.facts.status == "pending")
        try await worker.takeOver { $0 == "gone" }
        #expect(try await ledger.lifecycle(payment.id)?.row == before)
    }

    @Test("a payout that its rail cannot make for half an hour is told to a person")
    func waitsLong() async throws {
        let (clock, told) = (clock, Told())
        let rail = ScriptedRail(RailCommands.rail)
        rail.rules.isAway = true
        let worker = RailWorker(
            ledger: ledger, rails: [rail],
            settling: PlainSettling(ledger: FlakyLedger(ledger, seed: 1, lossPerThousand: 0)), clock: { clock.nowMs },
            makeID: { $0 + "1" }, report: { told.add($0.kind) })
        try await run(Commands.fund("f", People.ada, 600))
        let made = RailCommands.payout("1", to: People.ada, 600, nowMs: clock.nowMs)
        #expect(try await worker.open(made, key: "po_1").isDone)
        for _ in 0..<12 {
            _ = try await worker.pass()
            clock.advance(600_000)
        }
        let kinds = told.kinds
        #expect(
            kinds.prefix(6).allSatisfy { $0 == .unavailable } && kinds.dropFirst(6).allSatisfy { $0 == .needsAttention }
        )
        #expect(kinds.count > 6)
    }

    private final class Told: Sendable {
        private let state = Mutex<[RailReport.Kind]>([])
        var kinds: [RailReport.Kind] { state.withLock { $0 } }
        func add(_ kind: RailReport.Kind) { state.withLock { $0.append(kind) } }
    }

    @Test("who is paid at once is paid whenever there is enough, and costs the journal nothing while there is not")
    func paidAtOnce() async throws {
        let (ledger, clock) = (ledger, clock)
        let count = Mutex(0)
        let worker = RailWorker(
            ledger: ledger, rails: [ScriptedRail(RailCommands.rail)],
            settling: PlainSettling(ledger: FlakyLedger(ledger, seed: 1, lossPerThousand: 0)), clock: { clock.nowMs },
            makeID: { prefix in
                count.withLock { count in
                    count += 1
                    return "\(prefix)\(count)"
                }
            })
        let policy = PayoutPolicy(
            destinations: [.init(rail: .stripe, currency: Commands.usd, address: "acct_open")], defaultRail: nil,
            schedule: .instant, minimumMinor: [Commands.usd: 500])
        let id = Payee.id(People.ada.string)
        try await run(
            LifecycleCommands.open(
                .payee(.changed(policy, effectiveAtMs: clock.nowMs)), id: id, owners: [], caller: "ada", key: id,
                requestHash: LifecycleCommands.hash(id)))
        _ = try await worker.pass()
        func paid() -> [Int64] {
            ledger.book.lifecycles.values.compactMap { row in
                if case .payout(let payout) = row.lifecycle, payout.status == .paid { payout.amountMinor } else { nil }
            }.sorted()
        }
        func look() async throws {
            for _ in 0..<3 {
                #expect(try await worker.payAtOnce(after: "") == "")
                _ = try await worker.pass()
                clock.advance(5_000)
            }
        }
        for (amount, expected) in [(499, []), (1, [500]), (700, [500, 700]), (20, [500, 700])] as [(Int64, [Int64])] {
            try await run(Commands.fund("f\(amount)", People.ada, amount))
            try await look()
            #expect(paid() == expected)
        }
        let entries = ledger.book.entries.count
        for _ in 0..<20 { try await look() }
        #expect(ledger.book.entries.count == entries)
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
