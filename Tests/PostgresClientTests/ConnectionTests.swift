import PostgresClient
import PostgresFixture
import Testing

@Suite("Connection")
struct ConnectionTests {
    @Test("a prepared statement is prepared once, and answers to new parameters")
    func prepared() async throws {
        try await withDatabase { connection in
            let double = Statement("double", "SELECT $1 * 2 AS twice")
            #expect(try connection.query(double, [.int8(4)]).one().int8(0) == 8)
            let rows = try connection.query(double, [.int8(5)])
            #expect(try rows.one().int8(0) == 10)
            #expect(rows.column("twice") == 0)
            #expect(rows.column("thrice") == nil)
            let known = try connection.query("SELECT count(*) FROM pg_prepared_statements")
            #expect(try known.one().int8(0) == 1)
        }
    }

    @Test("one name for two texts is refused")
    func oneNameTwoTexts() async throws {
        try await withDatabase { connection in
            try connection.query(Statement("s", "SELECT 1"))
            let otherText = postgresError { try connection.query(Statement("s", "SELECT 2")) }
            #expect(otherText?.kind == .misuse)
            let otherTypes = postgresError { try connection.query(Statement("s", "SELECT 1"), [.int8(1)]) }
            #expect(otherTypes?.kind == .misuse)
        }
    }

    @Test("a statement whose table changed under it works again at the next try")
    func stalePlan() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint); INSERT INTO t VALUES (7)")
            let all = Statement("all", "SELECT * FROM t")
            #expect(try connection.query(all).columnCount == 1)
            try connection.execute("ALTER TABLE t ADD COLUMN b text")
            #expect(postgresError { try connection.query(all) }?.sqlState == "0A000")
            #expect(try connection.query(all).columnCount == 2)
        }
    }

    @Test("settings hold from the first statement on")
    func settings() async throws {
        try await withDatabase(settings: ["enable_hashjoin": "off", "work_mem": "7MB"]) { connection in
            let join = try connection.query("SHOW enable_hashjoin").one().text(0)
            let memory = try connection.query("SHOW work_mem").one().text(0)
            #expect(join == "off")
            #expect(memory == "7MB")
        }
    }

    @Test("a refused statement carries its SQLSTATE, its name and its constraint, and leaves the connection usable")
    func refusal() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint CONSTRAINT only_once PRIMARY KEY)")
            let insert = Statement("insert_t", "INSERT INTO t VALUES ($1)")
            try connection.query(insert, [.int8(1)])
            let error = postgresError { try connection.query(insert, [.int8(1)]) }
            #expect(error?.kind == .server)
            #expect(error?.sqlState == SQLState.uniqueViolation)
            #expect(error?.isUniqueViolation == true)
            #expect(error?.statement == "insert_t")
            #expect(error?.constraint == "only_once")
            #expect(error?.outcomeUnknown == false)
            #expect(error?.isRetryable == false)
            #expect(answers(connection))
        }
    }

    @Test("messages quote no values")
    func noValuesInMessages() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a text PRIMARY KEY)")
            let secret = "sk_canary_4711"
            let failures: [(String, [Parameter])] = [
                ("SELECT $1::text::bigint", [.text(secret)]), ("SELECT $1::text::jsonb", [.text(secret)]),
                ("SELECT $1::text::timestamptz", [.text(secret)]), ("SELECT $1::text::uuid", [.text(secret)]),
            ]
            for (sql, values) in failures {
                let error = try #require(postgresError { try connection.query(sql, values) })
                #expect(!error.description.contains("canary"), "\(error)")
            }
            try connection.query("INSERT INTO t VALUES ($1)", [.text(secret)])
            let again = try #require(
                postgresError { try connection.query("INSERT INTO t VALUES ($1)", [.text(secret)]) })
            #expect(!again.description.contains("canary"))
        }
    }

    @Test("a transaction commits what it did, and rolls back when its body throws")
    func transactions() async throws {
        struct Stop: Error {}
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint)")
            try connection.transaction { try $0.query("INSERT INTO t VALUES (1)") }
            let stop1 = thrownError {
                try connection.transaction { connection in
                    try connection.query("INSERT INTO t VALUES (2)")
                    throw Stop()
                }
            }
            #expect(stop1 is Stop)
            #expect(!connection.isInTransaction)
            #expect(try connection.query("SELECT count(*) FROM t").one().int8(0) == 1)
        }
    }

    @Test("a transaction whose body hid a failure is not reported as committed")
    func hiddenFailure() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint PRIMARY KEY)")
            let error = postgresError {
                try connection.transaction { connection in
                    try connection.query("INSERT INTO t VALUES (1)")
                    _ = postgresError { try connection.query("INSERT INTO t VALUES (1)") }
                }
            }
            #expect(error?.sqlState == "25P02")
            #expect(error?.outcomeUnknown == false)
            #expect(try connection.query("SELECT count(*) FROM t").one().int8(0) == 0)
        }
    }

    @Test("a deferred constraint that fails at COMMIT is a definite failure")
    func failureAtCommit() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let error = postgresError {
                try connection.transaction { try $0.query("INSERT INTO t VALUES (1), (1)") }
            }
            #expect(error?.sqlState == SQLState.uniqueViolation)
            #expect(error?.outcomeUnknown == false)
            #expect(connection.isUsable)
        }
    }

    @Test("a serialisation failure is retryable, and the other transaction's write stands")
    func serialisation() async throws {
        let url = try await PostgresFixture.freshDatabase()
        try await DedicatedThread.run(name: "test") {
            let first = try PostgresFixture.connect(url)
            let second = try PostgresFixture.connect(url)
            try first.execute("CREATE TABLE t (a bigint); INSERT INTO t VALUES (0)")
            let error = postgresError {
                try first.transaction(isolation: .repeatableRead) { first in
                    try first.query("SELECT a FROM t")
                    try second.execute("UPDATE t SET a = 5")
                    try first.query("UPDATE t SET a = a + 1")
                }
            }
            #expect(error?.sqlState == SQLState.serializationFailure)
            #expect(error?.isRetryable == true)
            #expect(error?.outcomeUnknown == false)
            #expect(try first.query("SELECT a FROM t").one().int8(0) == 5)
        }
    }

    @Test("transactions do not nest, and a read-only one refuses to write")
    func transactionRules() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint)")
            let nested = postgresError { try connection.transaction { try $0.transaction { _ in } } }
            #expect(nested?.kind == .misuse)
            let written = postgresError {
                try connection.transaction(readOnly: true) { try $0.query("INSERT INTO t VALUES (1)") }
            }
            #expect(written?.sqlState == "25006")
            #expect(!connection.isInTransaction)
        }
    }

    @Test("notifications arrive, in order and with their payload, and a wait without one ends in time")
    func notifications() async throws {
        let url = try await PostgresFixture.freshDatabase()
        try await DedicatedThread.run(name: "test") {
            let listener = try PostgresFixture.connect(url)
            let speaker = try PostgresFixture.connect(url)
            try listener.listen("odd \"name\"")
            #expect(try listener.waitForNotification(timeoutSeconds: 0.05) == nil)
            try speaker.transaction { speaker in
                try speaker.notify("odd \"name\"", payload: "one")
                try speaker.notify("odd \"name\"", payload: "two")
            }
            let first = try listener.waitForNotification(timeoutSeconds: 10)
            #expect(first?.payload == "one")
            #expect(first?.channel == "odd \"name\"")
            #expect(first?.backendPID == speaker.backendPID)
            #expect(answers(listener))
            #expect(try listener.waitForNotification(timeoutSeconds: 10)?.payload == "two")
            try listener.unlisten("odd \"name\"")
            try speaker.notify("odd \"name\"")
            #expect(try listener.waitForNotification(timeoutSeconds: 0.05) == nil)
        }
    }
}
