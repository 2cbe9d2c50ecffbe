import PostgresClient
import PostgresFixture
import Testing

@Suite("Deadlines, cancellation and broken connections")
struct FailureTests {
    /// A table whose COMMIT ends its own session: the moment at which an outcome becomes unknown.
    private static let endsAtCommit = """
        CREATE TABLE t (a bigint);
        CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END$$;
        CREATE CONSTRAINT TRIGGER ends AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION end_session();
        """

    @Test("a statement that outlasts its time is cancelled on the server, and the connection stays usable")
    func timeout() async throws {
        try await withDatabase { connection in
            let error = postgresError { try connection.query("SELECT pg_sleep(60)", timeoutSeconds: 0.05) }
            #expect(error?.kind == .timeout)
            #expect(error?.sqlState == SQLState.queryCanceled)
            #expect(error?.outcomeUnknown == false)
            #expect(answers(connection))
        }
    }

    @Test("a pipeline that outlasts its time is undone, and the connection stays usable")
    func pipelineTimeout() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint)")
            let error = postgresError {
                try connection.pipeline(timeoutSeconds: 0.1) { pipe in
                    try pipe.send("INSERT INTO t VALUES (1)")
                    try pipe.send("SELECT pg_sleep(60)")
                }
            }
            #expect(error?.kind == .timeout)
            #expect(error?.outcomeUnknown == false)
            #expect(try connection.query("SELECT count(*) FROM t").one().int8(0) == 0)
        }
    }

    @Test("an interrupt from another thread cancels the statement, and refuses further ones until it is reset")
    func interrupt() async throws {
        try await withDatabase { connection in
            let interrupter = connection.interrupter
            let pid = connection.backendPID
            let url = try connection.query("SELECT current_database()").one().text(0)
            let watcher = Shared<Bool>(false)
            let admin = try connection.query("SELECT current_setting('unix_socket_directories')").one().text(0)
            let other = try PostgresFixture.connect("postgresql:///\(url)?host=\(admin)&user=mjn")
            let otherThread = OneUse(other)
            _ = DedicatedThread.spawn(name: "interrupts") {
                let other = otherThread.take()
                let isSleeping = try? eventuallyBlocking {
                    try other.query(
                        "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%pg_sleep%'", [.int4(pid)]
                    ).count == 1
                }
                watcher.set(isSleeping == true)
                interrupter.interrupt()
            }
            let error = postgresError { try connection.query("SELECT pg_sleep(60)") }
            #expect(watcher.value)
            #expect(error?.kind == .cancelled)
            #expect(error?.outcomeUnknown == false)
            let refused = postgresError { try connection.query("SELECT 1") }
            #expect(refused?.kind == .cancelled)
            interrupter.reset()
            #expect(answers(connection))
        }
    }

    @Test("an interrupted transaction is rolled back although the interrupt still stands")
    func interruptedTransaction() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint)")
            let error = postgresError {
                try connection.transaction { connection in
                    try connection.query("INSERT INTO t VALUES (1)")
                    connection.interrupter.interrupt()
                }
            }
            #expect(error?.kind == .cancelled)
            #expect(error?.outcomeUnknown == false)
            #expect(!connection.isInTransaction)
            connection.interrupter.reset()
            #expect(try connection.query("SELECT count(*) FROM t").one().int8(0) == 0)
        }
    }

    @Test("a session that the server ended between two statements is a definite loss")
    func endedWhileIdle() async throws {
        let url = try await PostgresFixture.freshDatabase()
        try await DedicatedThread.run(name: "test") {
            let victim = try PostgresFixture.connect(url)
            let other = try PostgresFixture.connect(url)
            let pid = victim.backendPID
            try other.query("SELECT pg_terminate_backend($1)", [.int4(pid)])
            let isGone = try eventuallyBlocking {
                try other.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1", [.int4(pid)]).count == 0
            }
            #expect(isGone)
            let error = postgresError { try victim.query("SELECT 1") }
            #expect(error?.kind == .connectionLost)
            #expect(error?.outcomeUnknown == false)
            #expect(error?.isRetryable == true)
            #expect(!victim.isUsable)
            #expect(postgresError { try victim.query("SELECT 1") }?.kind == .connectionLost)
        }
    }

    @Test("a session that ends during a statement leaves the outcome open only outside of a transaction")
    func endedDuringStatement() async throws {
        let suicide = "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)"
        try await withDatabase { connection in
            let error = postgresError { try connection.query(suicide) }
            #expect(error?.kind == .connectionLost)
            #expect(error?.outcomeUnknown == true)
            #expect(!connection.isUsable)
        }
        try await withDatabase { connection in
            let error = postgresError { try connection.transaction { try $0.query(suicide) } }
            #expect(error?.kind == .connectionLost)
            #expect(error?.outcomeUnknown == false)
        }
    }

    @Test("a session that ends during COMMIT leaves the outcome open")
    func endedDuringCommit() async throws {
        try await withDatabase { connection in
            try connection.execute(Self.endsAtCommit)
            let error = postgresError { try connection.transaction { try $0.query("INSERT INTO t VALUES (1)") } }
            #expect(error?.kind == .connectionLost)
            #expect(error?.outcomeUnknown == true)
            #expect(!connection.isUsable)
        }
    }

    @Test("a session that ends during a pipeline's commit leaves the outcome open")
    func endedDuringPipeline() async throws {
        try await withDatabase { connection in
            try connection.execute(Self.endsAtCommit)
            let error = postgresError {
                try connection.pipeline { pipe in
                    try pipe.send("INSERT INTO t VALUES (1)")
                    try pipe.send("SELECT 1")
                }
            }
            #expect(error?.kind == .connectionLost)
            #expect(error?.outcomeUnknown == true)
        }
    }

    @Test("an internal error at COMMIT leaves the outcome open, one before it does not")
    func internalError() async throws {
        let schema = """
            CREATE TABLE t (a bigint);
            CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = 'XX000'; END$$;
            """
        let deferred = """
            CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION fails();
            """
        let immediate = "CREATE TRIGGER fails BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION fails();"
        for (trigger, isOpen) in [(deferred, true), (immediate, false)] {
            try await withDatabase { connection in
                try connection.execute(schema + trigger)
                let error = postgresError { try connection.transaction { try $0.query("INSERT INTO t VALUES (1)") } }
                #expect(error?.sqlState == SQLState.internalError)
                #expect(error?.outcomeUnknown == isOpen)
                #expect(connection.isUsable)
                let piped = postgresError { try connection.pipeline { try $0.send("INSERT INTO t VALUES (1)") } }
                #expect(piped?.sqlState == SQLState.internalError)
                #expect(piped?.outcomeUnknown == true)
            }
        }
    }

    @Test("a COMMIT or a pipeline whose answer is lost is reported as unknown, and was in fact committed")
    func lostAnswer() async throws {
        let url = try await PostgresFixture.freshDatabase()
        try await DedicatedThread.run(name: "test") {
            let direct = try PostgresFixture.connect(url)
            try direct.execute("CREATE TABLE t (a bigint)")
            let proxy = try LossyProxy(before: url, cutsAfter: "COMMIT\0")
            let connection = try PostgresFixture.connect(proxy.databaseURL)
            let error = postgresError { try connection.transaction { try $0.query("INSERT INTO t VALUES (1)") } }
            #expect(error?.kind == .connectionLost)
            #expect(error?.outcomeUnknown == true)
            let isCommitted = try eventuallyBlocking { try direct.query("SELECT a FROM t").count == 1 }
            #expect(isCommitted)

            let second = try LossyProxy(before: url, cutsAfter: "INSERT INTO")
            let piped = try PostgresFixture.connect(second.databaseURL)
            let lost = postgresError { try piped.pipeline { try $0.send("INSERT INTO t VALUES (2)") } }
            #expect(lost?.kind == .connectionLost)
            #expect(lost?.outcomeUnknown == true)
            let isCommittedToo = try eventuallyBlocking { try direct.query("SELECT a FROM t").count == 2 }
            #expect(isCommittedToo)
        }
    }

    @Test("a COMMIT that gets no answer in time is given up as unknown, not cancelled")
    func silentCommit() async throws {
        let url = try await PostgresFixture.freshDatabase()
        try await DedicatedThread.run(name: "test") {
            let direct = try PostgresFixture.connect(url)
            try direct.execute("CREATE TABLE t (a bigint)")
            let proxy = try LossyProxy(before: url, cutsAfter: "COMMIT\0", staysOpen: true)
            let connection = try PostgresFixture.connect(proxy.databaseURL, statementTimeoutSeconds: 0.3)
            let error = postgresError { try connection.transaction { try $0.query("INSERT INTO t VALUES (1)") } }
            #expect(error?.kind == .timeout)
            #expect(error?.outcomeUnknown == true)
            #expect(!connection.isUsable)
            let isCommitted = try eventuallyBlocking { try direct.query("SELECT a FROM t").count == 1 }
            #expect(isCommitted)
        }
    }

    @Test("a server that hangs, cancellation included, costs no more than the time and the grace")
    func hangingServer() async throws {
        let url = try await PostgresFixture.freshDatabase()
        try await DedicatedThread.run(name: "test") {
            let proxy = try LossyProxy(before: url, cutsAfter: "pg_sleep", staysOpen: true)
            let connection = try PostgresFixture.connect(proxy.databaseURL)
            let error = postgresError { try connection.query("SELECT pg_sleep(0)", timeoutSeconds: 0.1) }
            #expect(error?.kind == .timeout)
            #expect(error?.outcomeUnknown == true)
            #expect(!connection.isUsable)
        }
    }

    @Test("which failures may be tried again, and which may not")
    func classification() {
        let transient = ["40001", "40P01", "55P03", "57P01", "57P02", "57P03", "08006", "08003", "53100", "53300"]
        for state in transient {
            #expect(PostgresError(.server, "", sqlState: state).isRetryable, "\(state)")
        }
        for state in ["23505", "23514", "42601", "22003", "57014", "XX000", "25P02", "42501"] {
            #expect(!PostgresError(.server, "", sqlState: state).isRetryable, "\(state)")
        }
        #expect(PostgresError(.connectionLost, "").isRetryable)
        #expect(PostgresError(.unavailable, "").isRetryable)
        #expect(!PostgresError(.timeout, "").isRetryable)
        #expect(!PostgresError(.configuration, "").isRetryable)
    }
}
