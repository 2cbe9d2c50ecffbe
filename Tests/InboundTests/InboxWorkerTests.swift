import Inbound
import PostgresClient
import Synchronization
import Testing

/// Every stored event reaches its handler at least once, and is never lost.
@Suite struct InboxWorkerTests {
    @Test("an event that is stored is handled soon, once, and comes to its end")
    func handled() async throws {
        try await TestInbox.with { inbox, test in
            let handler = ScriptedHandler { _ in .applied }
            try await withWorker(inbox, handler) {
                _ = try await InboxTests.storeAtOnce(300, in: inbox) { "evt_\($0)" }
                try await waitUntil { try test.count(.done) == 300 }
            }
            #expect(handler.handled.count == 300 && Set(handler.handled).count == 300)
        }
    }

    @Test("events of one object are never handled at once, those of others are")
    func objects() async throws {
        try await TestInbox.with { inbox, test in
            for number in 0..<60 { try await inbox.store("evt_\(number)", object: "pi_\(number % 3)") }
            let running = Mutex((now: 0, most: 0))
            let handler = ScriptedHandler { _ in
                running.withLock { counts in
                    counts.now += 1
                    counts.most = max(counts.most, counts.now)
                }
                try? await Task.sleep(for: .milliseconds(3))
                running.withLock { $0.now -= 1 }
                return .applied
            }
            try await withWorker(inbox, handler) {
                try await waitUntil { try test.count(.done) == 60 }
            }
            #expect(handler.together == 0)
            #expect(running.withLock { $0.most } > 1)
        }
    }

    @Test("no more than the bound are handled at one time")
    func bounded() async throws {
        try await TestInbox.with { inbox, test in
            for number in 0..<20 { try await inbox.store("evt_\(number)", object: "pi_\(number)") }
            let gate = Gate()
            let handler = ScriptedHandler { _ in
                await gate.pass()
                return .applied
            }
            try await withWorker(inbox, handler, concurrencyMax: 4) {
                try await waitUntil { gate.waitingCount == 4 }
                #expect(handler.handled.count == 4)
                gate.open()
                try await waitUntil { try test.count(.done) == 20 }
            }
        }
    }

    @Test("an event whose object is unknown is handed out again, until it is known")
    func parked() async throws {
        try await TestInbox.with { inbox, test in
            let handler = ScriptedHandler { event in event.attempts < 4 ? .parked("no such payment") : .applied }
            try await inbox.store("evt_1")
            try await withWorker(inbox, handler) {
                for attempt in 1...3 {
                    try await waitUntil { try test.count(.parked) == 1 && handler.handled.count == attempt }
                    test.clock.advance(ms: 8000)
                }
                try await waitUntil { try test.count(.done) == 1 }
            }
            #expect(handler.handled.count == 4)
        }
    }

    /// Runs a body with an inbox whose only event, `evt_1`, has failed: its object is unknown until `known()`.
    private func withFailedEvent(
        _ body: (_ inbox: Inbox, _ test: TestInbox, _ known: () -> Void) async throws -> Void
    ) async throws {
        try await TestInbox.with { inbox, test in
            let isKnown = Atomic(false)
            let handler = ScriptedHandler { _ in
                isKnown.load(ordering: .relaxed) ? .applied : .parked("no such payment")
            }
            try await inbox.store("evt_1")
            try await withWorker(inbox, handler) {
                try await waitUntil { try test.count(.parked) == 1 }
                test.clock.advance(ms: RetryPolicy().patienceMs)
                try await waitUntil { try test.count(.failed) == 1 }
                try await body(inbox, test) { isKnown.store(true, ordering: .relaxed) }
            }
        }
    }

    @Test("an event that is parked for three days has failed, stays visible, and an operator can have it tried again")
    func failed() async throws {
        try await withFailedEvent { inbox, test, known in
            #expect(try await inbox.list(.failed).first?.reason == "no such payment")
            #expect(try await inbox.retry("evt_1", from: .stripe))
            try await waitUntil { try test.count(.parked) == 1 }
            known()
            #expect(try await inbox.retry("evt_1", from: .stripe))
            try await waitUntil { try test.count(.done) == 1 }
            #expect(try await inbox.retry("evt_1", from: .stripe) == false)
            #expect(try await inbox.retry("evt_2", from: .stripe) == false)
        }
    }

    @Test("what has failed is tried once a day by itself, and nothing is dropped")
    func failedComesBack() async throws {
        try await withFailedEvent { inbox, test, known in
            let attempts = try await inbox.list(.failed).first?.attempts ?? 0
            test.clock.advance(ms: RetryPolicy().failedPauseMs)
            try await waitUntil { try await inbox.list(.failed).first?.attempts == attempts + 1 }
            known()
            test.clock.advance(ms: RetryPolicy().failedPauseMs)
            try await waitUntil { try test.count(.done) == 1 }
            // A keeper deletes it when it is as old as its sender may never be.
            let keeper = InboxKeeper(
                inbox: inbox, keepDays: InboxKeeper.keepDaysMin, logger: TestInbox.quiet, counted: { _ in })
            #expect(try await keeper.prune() == 0)
            test.clock.advance(ms: Int64(InboxKeeper.keepDaysMin) * 86_400_000)
            #expect(try await keeper.prune() == 1)
        }
    }

    @Test("a process that ends between handling and marking has the event handled again by the next")
    func crash() async throws {
        let test = try await TestInbox.make()
        let first = try test.open()
        try await first.inbox.store("evt_1")
        let gate = Gate()
        let handler = ScriptedHandler { _ in
            await gate.pass()
            return .applied
        }
        try await withWorker(first.inbox, handler) {
            try await waitUntil { gate.waitingCount == 1 }
            await first.close()
            gate.open()
        }
        #expect(handler.handled == ["evt_1"])
        #expect(try test.count(.received) == 1)

        let second = try test.open()
        let other = ScriptedHandler { event in
            event.attempts == 2 ? .applied : .ignored("handed out \(event.attempts) times")
        }
        try await withWorker(second.inbox, other) {
            // A marker behind it: when that one is done the worker has looked, and left the claimed one alone.
            try await second.inbox.store("evt_2", object: "pi_2")
            try await waitUntil { try test.count(.ignored) == 1 }
            #expect(other.handled == ["evt_2"])
            test.clock.advance(ms: RetryPolicy().leaseMs)
            try await waitUntil { try test.count(.done) == 1 }
        }
        await second.close()
        #expect(other.handled == ["evt_2", "evt_1"])
    }

    @Test("a worker whose claim has ended does not write over its successor")
    func late() async throws {
        let test = try await TestInbox.make()
        let (first, second) = (try test.open(), try test.open())
        try await first.inbox.store("evt_1")
        let gate = Gate()
        let slow = ScriptedHandler { _ in
            await gate.pass()
            return .parked("too late")
        }
        try await withWorker(first.inbox, slow) {
            try await waitUntil { gate.waitingCount == 1 }
            test.clock.advance(ms: RetryPolicy().leaseMs)
            try await withWorker(second.inbox, ScriptedHandler { _ in .applied }) {
                try await waitUntil { try test.count(.done) == 1 }
            }
            gate.open()
        }
        #expect(try test.count(.done) == 1)
        await first.close()
        await second.close()
    }

    @Test("two workers share the events, and none is handled twice")
    func twoWorkers() async throws {
        let test = try await TestInbox.make()
        let (first, second) = (try test.open(), try test.open())
        let handlers = (0..<2).map { _ in
            ScriptedHandler { _ in
                try? await Task.sleep(for: .milliseconds(1))
                return .applied
            }
        }
        try await withWorker(first.inbox, handlers[0], concurrencyMax: 4) {
            try await withWorker(second.inbox, handlers[1], concurrencyMax: 4) {
                _ = try await withThrowingTaskGroup(of: Arrival.self) { group in
                    for number in 0..<400 {
                        let inbox = number % 2 == 0 ? first.inbox : second.inbox
                        group.addTask { try await inbox.store("evt_\(number)", object: "pi_\(number)") }
                    }
                    return try await group.reduce(into: 0) { count, _ in count += 1 }
                }
                try await waitUntil { try test.count(.done) == 400 }
            }
        }
        let all = handlers.flatMap(\.handled)
        #expect(all.count == 400 && Set(all).count == 400)
        #expect(handlers.allSatisfy { !$0.handled.isEmpty })
        await first.close()
        await second.close()
    }

    @Test("a worker that is stopped gives back what it has not begun with, at once")
    func givenBack() async throws {
        try await TestInbox.with { inbox, test in
            for number in 0..<3 { try await inbox.store("evt_\(number)") }
            let gate = Gate()
            let first = ScriptedHandler { _ in
                await gate.pass()
                return .applied
            }
            let worker = InboxWorker(inbox: inbox, handler: first)
            let running = Task { await worker.run() }
            try await waitUntil { gate.waitingCount == 1 && worker.inHand == 3 }
            running.cancel()
            gate.open()
            await running.value
            #expect(first.handled.count == 1)
            let second = ScriptedHandler { _ in .applied }
            try await withWorker(inbox, second) {
                try await waitUntil { try test.count(.done) == 3 }
            }
            #expect(Set(first.handled + second.handled).count == 3 && second.handled.count == 2)
        }
    }

    @Test("what was stored before a restart is handled after it")
    func restart() async throws {
        let test = try await TestInbox.make()
        let first = try test.open()
        _ = try await InboxTests.storeAtOnce(20, in: first.inbox) { "evt_\($0)" }
        await first.close()
        let second = try test.open()
        let handler = ScriptedHandler { _ in .applied }
        try await withWorker(second.inbox, handler) {
            try await waitUntil { try test.count(.done) == 20 }
        }
        await second.close()
        #expect(Set(handler.handled).count == 20)
    }
}
