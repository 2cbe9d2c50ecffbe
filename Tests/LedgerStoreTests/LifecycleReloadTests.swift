import Kernel
import LedgerDouble
import LedgerStore
import PostgresClient
import PostgresFixture
import Settlement
import Testing

@Suite("Lifecycles and the processes that move them on")
struct LifecycleReloadTests {
    private func step(
        _ step: LifecycleStep, _ id: String, _ store: PostgresLedgerStore
    ) async throws -> Outcome {
        let row = try #require(try await store.lifecycle(id)?.row)
        return try await store.decide(LifecycleCommands.step(step, of: row)).outcome
    }

    @Test("a new writer takes a payout up where the one before it stopped")
    func goesOn() async throws {
        let book = try await OpenBook.make()
        let (first, firstPool) = try await book.open("one")
        let payout = RailCommands.payout("reload", to: People.ada, 600)
        _ = try await first.decide(Commands.fund("f", People.ada, 1000))
        _ = try await first.decide(RailCommands.open(.openPayout(payout), payout.id, of: People.ada))
        #expect(try await step(.payout(.began(prepared: [1, 2, 3])), payout.id, first).isDone)
        let before = try #require(try await first.lifecycle(payout.id))
        await first.close()
        await firstPool.close()

        book.clock.advance(RailTiming.callMs)
        let (second, secondPool) = try await book.open("two")
        let after = try #require(try await second.lifecycle(payout.id))
        #expect(after.row == before.row && after.events == before.events)
        #expect(after.row.lifecycle.attempt?.prepared == [1, 2, 3])
        #expect(try await second.dueLifecycles(nowMs: book.clock.ms, limit: 10).map(\.id) == [payout.id])
        // What the first had already stored is not done again, whoever sends it.
        let again = LifecycleCommands.step(
            .payout(.began(prepared: [1, 2, 3])),
            of: LifecycleRow(lifecycle: .payout(payout), version: 1, madeAtMs: 0, changedAtMs: 0))
        let decision = try await second.decide(again)
        guard case .replayed(let outcome) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(outcome.isDone)
        let paid = RailCommands.facts(.done, "tr_1", 600)
        #expect(try await step(.payout(.observed(paid)), payout.id, second).isDone)
        #expect(try await second.balances(of: People.ada).first?.cashMinor == 400)
        await second.close()
        await secondPool.close()
        #expect(try book.verify().findings == [])
    }

    @Test("connections killed between steps lose none and do none twice")
    func killedConnections() async throws {
        let book = try await OpenBook.make()
        let (store, pool) = try await book.open("one", limits: Poster.Limits(attemptsMax: 20))
        _ = try await store.decide(Commands.fund("f", People.ada, 100_000))
        let killer = Task.detached {
            let connection = try PostgresFixture.connect(book.url)
            defer { connection.close() }
            for _ in 0..<20 {
                try connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                        + "AND datname = current_database() AND application_name LIKE 'mjn%writer%'")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        for number in 0..<60 {
            let payout = RailCommands.payout("k\(number)", to: People.ada, 1)
            let made = try await store.decide(RailCommands.open(.openPayout(payout), payout.id, of: People.ada))
            #expect(made.outcome.isDone)
            var row = LifecycleRow(lifecycle: .payout(payout), version: 1, madeAtMs: 0, changedAtMs: 0)
            for event in [
                TransferEvent.began(prepared: []), .observed(RailCommands.facts(.done, "tr_\(number)", 1)),
            ] {
                #expect(try await store.decide(LifecycleCommands.step(.payout(event), of: row)).outcome.isDone)
                row.version += 1
            }
        }
        try await killer.value
        await store.close()
        await pool.close()
        let (again, againPool) = try await book.open("two")
        #expect(try await again.balances(of: People.ada).first?.cashMinor == 99_940)
        await again.close()
        await againPool.close()
        let report = try book.verify()
        #expect(report.lifecycles == 60)
        #expect(report.findings == [])
    }
}
