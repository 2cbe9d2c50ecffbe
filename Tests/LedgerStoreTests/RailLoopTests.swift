import Kernel
import LedgerDouble
import LedgerStore
import PostgresClient
import Settlement
import Synchronization
import Testing

/// A rail that does at once what it is asked.
private struct PromptRail: Rail {
    let name = RailCommands.rail
    let capabilities: RailCapabilities = [.payOut]

    func prepare(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation { .ready([]) }

    func carryOut(_ instruction: RailInstruction, prepared: [UInt8], nowMs: Int64) async -> RailOutcome {
        guard case .payOut(let order) = instruction else { return .unknown("only payouts") }
        return .done(RailCommands.facts(.done, "tr_\(order.reference)", order.amountMinor))
    }

    func fetch(
        _ instruction: RailInstruction, prepared: [UInt8], reference: String, nowMs: Int64
    ) async -> RailAnswer { .absent }

    func list(since position: RailPosition?, limit: Int) async throws(RailListFailure) -> RailPage {
        RailPage(records: [], next: nil, hasMore: false)
    }

    func balances() async throws(RailListFailure) -> [RailBalance] { [] }

    func cancel(_ instruction: RailInstruction, reference: String) async -> RailAnswer { .absent }
}

/// Nothing here settles.
private struct NoSettling: PaymentSettling {
    func settle(_ payment: Payment) async -> PaymentSettlement { .later("not here") }
    func parts(ofSettlement id: String) async throws(LedgerFailure) -> [PayeePart] { [] }
    func takeBack(
        settlement id: String, amountMinor: Int64, to destination: RefundDestination, reason: String, key: String
    ) async throws(LedgerFailure) -> Outcome { throw .rejected("not here") }
}

@Suite("The rails' loop")
struct RailLoopTests {
    private func loop(
        _ store: PostgresLedgerStore, _ clock: TestClock, show: @escaping @Sendable (RailBacklog) -> Void = { _ in }
    ) -> RailLoop {
        let worker = RailWorker(
            ledger: store, rails: [PromptRail()], settling: NoSettling(), clock: { clock.ms }, makeID: { $0 + "x" })
        return RailLoop(store: store, worker: worker, clock: { clock.ms }, logger: OpenBook.quiet, show: show)
    }

    @Test("only the process that leads the book works, and it pays what is due")
    func leads() async throws {
        let book = try await OpenBook.make()
        let (first, firstPool) = try await book.open("one")
        let payout = RailCommands.payout("loop", to: People.ada, 600, nowMs: book.clock.ms)
        _ = try await first.decide(Commands.fund("f", People.ada, 1000))
        _ = try await first.decide(RailCommands.open(.openPayout(payout), payout.id, of: People.ada))
        let (second, secondPool) = try await book.open("two")
        #expect(try await loop(second, book.clock).turn() == 0)
        #expect(try await first.lifecycle(payout.id)?.row.lifecycle.facts.status == "held")
        let seen = Mutex<[RailBacklog]>([])
        #expect(try await loop(first, book.clock) { backlog in seen.withLock { $0.append(backlog) } }.turn() == 1)
        #expect(try await first.lifecycle(payout.id)?.row.lifecycle.facts.status == "paid")
        #expect(seen.withLock { $0 } == [RailBacklog()])
        await first.close()
        await second.close()
        await firstPool.close()
        await secondPool.close()
        #expect(try book.verify().findings == [])
    }

    @Test("ends when it is told to", .timeLimit(.minutes(1)))
    func stops() async throws {
        try await OpenBook.with { store, book in
            let running = loop(store, book.clock)
            let task = Task { await running.run() }
            task.cancel()
            await task.value
        }
    }

    @Test("counts what waits for the node and what for a person")
    func backlog() async throws {
        try await OpenBook.with { store, _ in
            for promise in LedgerStoreConformance.railCases {
                #expect(try await promise.check(store) == [], "\(promise)")
            }
            let backlog = try await store.railBacklog(nowMs: .max)
            #expect(backlog.suspendedPayments == 1 && backlog.stoppedPayouts == 0)
            #expect(backlog.dueCount > 4 && backlog.oldestDueAtMs == 96)
            let counts = try await store.lifecycleCounts()
            let paid = counts.first { $0.kind == "payout" && $0.status == "paid" }
            #expect(paid?.count == 1 && paid?.amountMinor == 1 && paid?.rail == "stripe")
        }
    }

    @Test("what an operator decides stands in the audit log, in the transaction that does it")
    func audit() async throws {
        try await OpenBook.with { store, _ in
            let payout = RailCommands.payout("audit", to: People.ada, 600)
            _ = try await store.decide(Commands.fund("f", People.ada, 1000))
            _ = try await store.decide(RailCommands.open(.openPayout(payout), payout.id, of: People.ada))
            let row = try #require(try await store.lifecycle(payout.id)?.row)
            let command = LifecycleCommands.step(
                .payout(.cancelled(reason: "wrong account")), of: row, caller: "operator", key: "k1",
                audit: AuditNote(actor: "operator:ops", reason: "wrong account"))
            #expect(try await store.decide(command).outcome.isDone)
            let again = LifecycleCommands.step(
                .payout(.cancelled(reason: "again")), of: row, caller: "operator", key: "k2",
                audit: AuditNote(actor: "operator:ops", reason: "again"))
            #expect(try await store.decide(again).outcome.code == "state_conflict")
            let lines = try await store.auditLog(limit: 10)
            #expect(lines.count == 1)
            let line = try #require(lines.first)
            #expect(line.actor == "operator:ops" && line.action == "payout_cancelled")
            #expect(line.subject == payout.id && line.reason == "wrong account")
        }
    }
}
