import Inbound
import PostgresClient
import Testing

/// Events are stored once, durably, whatever happens to the connection.
@Suite struct InboxTests {
    @Test("an event is stored at its first coming, and known ever after, also by another process")
    func once() async throws {
        try await TestInbox.with { inbox, test in
            #expect(try await inbox.store("evt_1") == .stored)
            #expect(try await inbox.store("evt_1") == .known)
            #expect(try await inbox.store("evt_1", from: .stripeConnect) == .stored)
            let other = try test.open()
            #expect(try await other.inbox.store("evt_1") == .known)
            await other.close()
            #expect(try test.storedCount() == 2)
            #expect(try await inbox.payload("evt_1", from: .stripe) == SignedEvent.body("evt_1"))
            #expect(try await inbox.payload("evt_2", from: .stripe) == nil)
        }
    }

    @Test("a thousand events at once are stored in a few commits, each told apart from its double")
    func group() async throws {
        try await TestInbox.with { inbox, test in
            let before = try Self.commits(test)
            let arrivals = try await Self.storeAtOnce(2000, in: inbox) { "evt_\($0 % 1000)" }
            #expect(arrivals.count { $0 == .stored } == 1000)
            #expect(arrivals.count { $0 == .known } == 1000)
            #expect(try test.storedCount() == 1000)
            #expect(try Self.commits(test) - before < 200)
        }
    }

    /// Transactions of the database so far, as its statistics say once the sessions have told them.
    private static func commits(_ test: TestInbox) throws -> Int64 {
        let connection = try test.connect()
        defer { connection.close() }
        return try connection.query(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        ).one().int8(0)
    }

    static func storeAtOnce(
        _ count: Int, in inbox: Inbox, id: @escaping @Sendable (Int) -> String
    ) async throws -> [Arrival] {
        try await withThrowingTaskGroup(of: Arrival.self) { group in
            for number in 0..<count { group.addTask { try await inbox.store(id(number)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("a connection that is killed while it inserts is replaced, and the events are stored once")
    func killedWhileInserting() async throws {
        try await TestInbox.with { inbox, test in
            try await inbox.store("evt_0")
            let blocker = try test.connect()
            defer { blocker.close() }
            try blocker.execute("BEGIN; LOCK TABLE inbox IN SHARE MODE")
            async let arrivals = Self.storeAtOnce(50, in: inbox) { "evt_\($0 % 25)" }
            try await waitUntil { try Self.endWriters(test, onlyWaiting: true) > 0 }
            try blocker.execute("ROLLBACK")
            #expect(try await arrivals.count { $0 == .stored } == 24)
            #expect(try test.storedCount() == 25)
        }
    }

    @Test("connections killed again and again lose nothing, and store nothing twice")
    func killedAgainAndAgain() async throws {
        try await TestInbox.with { inbox, test in
            let killer = Task {
                var ended = 0
                while !Task.isCancelled {
                    ended += try Self.endWriters(test, onlyWaiting: false)
                    try? await Task.sleep(for: .milliseconds(60))
                }
                return ended
            }
            var stored = 0
            for round in 0..<40 {
                stored += try await Self.storeAtOnce(25, in: inbox) { "evt_\(round)_\($0)" }.count
                try? await Task.sleep(for: .milliseconds(10))
            }
            killer.cancel()
            #expect(try await killer.value > 3)
            #expect(stored == 1000)
            #expect(try test.storedCount() == 1000)
        }
    }

    @Test("a database that stays out of reach is said so within a bound, and the next event is stored")
    func outOfReach() async throws {
        try await TestInbox.with { inbox, test in
            let blocker = try test.connect()
            defer { blocker.close() }
            try blocker.execute("BEGIN; LOCK TABLE inbox IN SHARE MODE")
            let killer = Task {
                while !Task.isCancelled {
                    _ = try Self.endWriters(test, onlyWaiting: true)
                    try? await Task.sleep(for: .milliseconds(2))
                }
            }
            await #expect(throws: InboxFailure.self) { try await inbox.store("evt_1") }
            killer.cancel()
            _ = await killer.result
            try blocker.execute("ROLLBACK")
            _ = try await inbox.store("evt_1")
            #expect(try test.storedCount() == 1)
        }
    }

    @Test("one event that the database will not have keeps no other from being stored")
    func refusedByDatabase() async throws {
        try await TestInbox.with { inbox, test in
            let blocker = try test.connect()
            defer { blocker.close() }
            try blocker.execute("ALTER TABLE inbox ADD CHECK (event_id <> 'evt_bad')")
            try blocker.execute("BEGIN; LOCK TABLE inbox IN SHARE MODE")
            let first = Task { try await inbox.store("evt_0") }
            try await waitUntil { try Self.waitingWriters(test) == 1 }
            let others = ["evt_1", "evt_bad", "evt_2"].map { id in Task { try await inbox.store(id) } }
            try await waitUntil { inbox.waitingCount == 3 }
            try blocker.execute("ROLLBACK")
            #expect(try await first.value == .stored)
            for index in [0, 2] { #expect(try await others[index].value == .stored) }
            await #expect(throws: InboxFailure.self) { try await others[1].value }
            #expect(try test.storedCount() == 3)
        }
    }

    @Test("past its bound the queue refuses at once, and stores what it took")
    func overload() async throws {
        try await TestInbox.with(queueMax: 4) { inbox, test in
            let blocker = try test.connect()
            defer { blocker.close() }
            try blocker.execute("BEGIN; LOCK TABLE inbox IN SHARE MODE")
            let first = Task { try await inbox.store("evt_0") }
            try await waitUntil { try Self.waitingWriters(test) == 1 }
            let waiting = (1...4).map { number in Task { try await inbox.store("evt_\(number)") } }
            try await waitUntil { inbox.waitingCount == 4 }
            await #expect(throws: InboxFailure.overloaded) { try await inbox.store("evt_5") }
            try blocker.execute("ROLLBACK")
            #expect(try await first.value == .stored)
            for task in waiting { #expect(try await task.value == .stored) }
            #expect(try test.storedCount() == 5)
        }
    }

    @Test("what waits when the process stops is stored; what comes later is not")
    func stopping() async throws {
        let test = try await TestInbox.make()
        let opened = try test.open()
        let arrivals = try await Self.storeAtOnce(100, in: opened.inbox) { "evt_\($0)" }
        await opened.close()
        await #expect(throws: InboxFailure.stopping) { try await opened.inbox.store("evt_late") }
        #expect(arrivals.count == 100)
        #expect(try test.storedCount() == 100)
    }

    @Test("an operator sees events by status in pages, counts them, and deletes old ones that are at their end")
    func reads() async throws {
        try await TestInbox.with { inbox, test in
            for number in 0..<5 {
                try await inbox.store("evt_\(number)", object: "pi_\(number)")
                if number % 2 == 0 { test.clock.advance(ms: 10) }
            }
            let handler = ScriptedHandler { event in
                switch event.envelope.id {
                case "evt_0": .applied
                case "evt_1": .ignored("not ours")
                default: .parked("no such payment")
                }
            }
            try await withWorker(inbox, handler) {
                try await waitUntil { try test.count(.received) == 0 && test.count(.parked) == 3 }
            }
            let all = try await inbox.list(.parked)
            #expect(all.map(\.eventID) == ["evt_2", "evt_3", "evt_4"])
            #expect(all.first?.reason == "no such payment" && all.first?.objectID == "pi_2")
            let first = try await inbox.list(.parked, limit: 2)
            let rest = try await inbox.list(.parked, after: first.last?.cursor, limit: 2)
            #expect(first + rest == all)
            #expect(try await inbox.list(.parked, after: rest.last?.cursor).isEmpty)
            let counts = try await inbox.counts()
            #expect(counts.map(\.status) == [.received, .parked, .failed])
            #expect(counts.map(\.count) == [0, 3, 0])
            #expect(counts[1].oldestReceivedAtMs == all.first?.receivedAtMs && counts[0].oldestReceivedAtMs == nil)
            #expect(try await inbox.prune(receivedBeforeMs: test.clock.ms - 5) == 2)
            #expect(try test.storedCount() == 3)
        }
    }

    /// The writer's sessions that wait for a lock.
    private static func waitingWriters(_ test: TestInbox) throws -> Int {
        let connection = try test.connect()
        defer { connection.close() }
        return try connection.query(
            """
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'
            """, [.text(TestInbox.applicationName)]
        ).count
    }

    /// Ends the writer's sessions, as an administrator or a failover would; returns how many.
    private static func endWriters(_ test: TestInbox, onlyWaiting: Bool) throws -> Int {
        let connection = try test.connect()
        defer { connection.close() }
        return try connection.query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = $1 AND (wait_event_type = 'Lock' OR NOT $2)
            """, [.text(TestInbox.applicationName), .bool(onlyWaiting)]
        ).count
    }
}
