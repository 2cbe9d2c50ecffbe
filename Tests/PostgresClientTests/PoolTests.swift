import PostgresClient
import PostgresFixture
import Synchronization
import Testing

@Suite("Pool")
struct PoolTests {
    private static func pool(
        _ url: String, size: Int = 2, waitingMax: Int = 1000, waitTimeoutSeconds: Double = 20
    ) throws -> PostgresPool {
        PostgresPool(
            try PostgresConfiguration(databaseURL: url, statementTimeoutSeconds: 60), size: size,
            waitingMax: waitingMax, waitTimeoutSeconds: waitTimeoutSeconds)
    }

    @Test("a thousand jobs share two connections, and each gets its own answer")
    func manyJobs() async throws {
        let pool = try Self.pool(try await PostgresFixture.freshDatabase())
        let answers = try await withThrowingTaskGroup(of: (Int, Int64, Int32).self) { group in
            for number in 0..<1000 {
                group.addTask {
                    try await pool.run { connection in
                        let row = try connection.query("SELECT $1 * 2", [.int8(Int64(number))]).one()
                        return (number, try row.int8(0), connection.backendPID)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.1 == Int64($0.0) * 2 })
        #expect(Set(answers.map(\.2)).count <= 2)
        await pool.close()
    }

    @Test("past the bound of its queue it refuses at once, and a job that waits too long is refused in time")
    func exhaustion() async throws {
        let url = try await PostgresFixture.freshDatabase()
        let pool = try Self.pool(url, size: 1, waitingMax: 2, waitTimeoutSeconds: 0.3)
        let slow = Task { try await pool.run { try $0.query("SELECT pg_sleep(60)").count } }
        #expect(try await eventually { pool.status.running == 1 })
        let waiting = (0..<2).map { _ in Task { try await pool.run { try $0.query("SELECT 1").count } } }
        #expect(try await eventually { pool.status.waiting == 2 })
        let refused = await postgresError { try await pool.run { try $0.query("SELECT 1").count } }
        #expect(refused?.kind == .poolExhausted)
        for task in waiting {
            let error = await postgresError { try await task.value }
            #expect(error?.kind == .poolExhausted)
        }
        #expect(pool.status.running == 1)
        #expect(pool.status.waiting == 0)
        slow.cancel()
        let cancelled = await postgresError { try await slow.value }
        #expect(cancelled?.kind == .cancelled)
        await pool.close()
    }

    @Test("cancelling a task drops its waiting job, and cancels its running statement; the connection lives on")
    func cancellation() async throws {
        let pool = try Self.pool(try await PostgresFixture.freshDatabase(), size: 1)
        let pid = try await pool.run { $0.backendPID }
        let running = Task { try await pool.run { try $0.query("SELECT pg_sleep(60)").count } }
        #expect(try await eventually { pool.status.running == 1 })
        let ran = Shared(false)
        let waiting = Task { try await pool.run { _ in ran.set(true) } }
        #expect(try await eventually { pool.status.waiting == 1 })
        waiting.cancel()
        let dropped = await postgresError { try await waiting.value }
        #expect(dropped?.kind == .cancelled)
        running.cancel()
        let stopped = await postgresError { try await running.value }
        #expect(stopped?.kind == .cancelled)
        #expect(try await pool.run { $0.backendPID } == pid)
        #expect(!ran.value)
        await pool.close()
    }

    @Test("a job's time covers all of its statements")
    func jobTimeout() async throws {
        let pool = try Self.pool(try await PostgresFixture.freshDatabase(), size: 1)
        let error = await postgresError {
            try await pool.run(timeoutSeconds: 0.3) { connection in
                for _ in 0..<100 { try connection.query("SELECT pg_sleep(0.05)") }
            }
        }
        #expect(error?.kind == .timeout)
        #expect(try await pool.run { answers($0) })
        await pool.close()
    }

    @Test("a transaction left open by a job is rolled back before the next one")
    func leftovers() async throws {
        let pool = try Self.pool(try await PostgresFixture.freshDatabase(), size: 1)
        try await pool.run { try $0.execute("CREATE TABLE t (a bigint)") }
        try await pool.run { try $0.execute("BEGIN; INSERT INTO t VALUES (1)") }
        let count = try await pool.run { connection in
            #expect(!connection.isInTransaction)
            return try connection.query("SELECT count(*) FROM t").one().int8(0)
        }
        #expect(count == 0)
        await pool.close()
    }

    @Test("a connection that the server ended is replaced without a job noticing")
    func replacement() async throws {
        let url = try await PostgresFixture.freshDatabase()
        let pool = try Self.pool(url, size: 1)
        let pid = try await pool.run { $0.backendPID }
        try await DedicatedThread.run(name: "test") {
            let other = try PostgresFixture.connect(url)
            try other.query("SELECT pg_terminate_backend($1)", [.int4(pid)])
            let isGone = try eventuallyBlocking {
                try other.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1", [.int4(pid)]).count == 0
            }
            #expect(isGone)
        }
        let next = try await pool.run { connection in
            try connection.query("SELECT 1")
            return connection.backendPID
        }
        #expect(next != pid)
        await pool.close()
    }

    @Test("concurrent increments in serializable transactions are retried until each has happened once")
    func retries() async throws {
        let pool = try Self.pool(try await PostgresFixture.freshDatabase(), size: 4)
        try await pool.run { try $0.execute("CREATE TABLE t (a bigint); INSERT INTO t VALUES (0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    try await pool.transaction(attemptsMax: 50, isolation: .serializable) { connection in
                        let value = try connection.query("SELECT a FROM t").one().int8(0)
                        try connection.query("UPDATE t SET a = $1", [.int8(value + 1)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await pool.run { try $0.query("SELECT a FROM t").one().int8(0) } == 40)
        await pool.close()
    }

    @Test("a failure that will not pass is not tried again")
    func noRetries() async throws {
        let pool = try Self.pool(try await PostgresFixture.freshDatabase())
        let tries = Shared(0)
        let error = await postgresError {
            try await pool.transaction { connection in
                tries.update { $0 += 1 }
                try connection.query("SELECT 1 / 0")
            }
        }
        #expect(error?.sqlState == "22012")
        #expect(tries.value == 1)
        await pool.close()
    }

    @Test("closing fails waiting jobs, lets a running one finish, and cancels one that takes too long")
    func closing() async throws {
        let url = try await PostgresFixture.freshDatabase()
        let pool = try Self.pool(url, size: 1)
        let gate = BlockingQueue<Bool>(capacity: 1)
        let running = Task { try await pool.run { _ in gate.take(upTo: 1) == nil } }
        #expect(try await eventually { pool.status.running == 1 })
        let waiting = Task { try await pool.run { _ in } }
        #expect(try await eventually { pool.status.waiting == 1 })
        let closing = Task { await pool.close() }
        let refused = await postgresError { try await waiting.value }
        #expect(refused?.kind == .closed)
        gate.close()
        #expect(try await running.value)
        await closing.value
        let late = await postgresError { try await pool.run { _ in } }
        #expect(late?.kind == .closed)

        let second = try Self.pool(url, size: 1)
        let endless = Task { try await second.run { try $0.query("SELECT pg_sleep(60)").count } }
        #expect(try await eventually { second.status.running == 1 })
        await second.close(drainSeconds: 0.05)
        let stopped = await postgresError { try await endless.value }
        #expect(stopped?.kind == .cancelled)
    }

    @Test("an unreachable database is reported as unavailable once a job's patience is over")
    func unreachable() async throws {
        let pool = try Self.pool("postgresql:///mjn?host=/nonexistent&user=mjn", waitTimeoutSeconds: 0.2)
        let error = await postgresError { try await pool.run { _ in } }
        #expect(error?.kind == .unavailable)
        #expect(error?.isRetryable == true)
        await pool.close()
    }

    @Test("an element waits in the queue until it is taken, and a full or closed queue refuses more")
    func queue() {
        let queue = BlockingQueue<Int>(capacity: 3)
        #expect(queue.take(upTo: 5, timeoutSeconds: 0) == [])
        #expect((1...4).map { queue.offer($0) } == [true, true, true, false])
        #expect(queue.take(upTo: 2) == [1, 2])
        queue.close()
        #expect(!queue.offer(9))
        #expect(queue.take(upTo: 2) == [3])
        #expect(queue.take(upTo: 2) == nil)
    }
}
