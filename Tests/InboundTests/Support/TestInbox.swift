import Inbound
import LedgerMigrations
import Logging
import PostgresClient
import PostgresFixture

/// A database with an inbox, which any number of processes of a test open.
struct TestInbox: Sendable {
    /// What one process has of it.
    struct Opened: Sendable {
        let inbox: Inbox
        let pool: PostgresPool

        func close() async {
            await inbox.close()
            await pool.close()
        }
    }

    /// The name that the writer's connection has in the server's list of sessions; those of the pool have it too.
    static let applicationName = "inbox-of-a-test"
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let url: String
    let clock = TestClock()

    static func make() async throws -> TestInbox {
        let url = try await PostgresFixture.freshDatabase(template: "inbox") { url in
            try await DedicatedThread.run(name: "migrate") {
                let connection = try PostgresFixture.connect(url)
                defer { connection.close() }
                _ = try Migrator(schema: LedgerMigrations.schema, migrations: LedgerMigrations.all)
                    .apply(on: connection)
            }
        }
        return TestInbox(url: url)
    }

    func open(queueMax: Int = 4096) throws -> Opened {
        var database = try PostgresConfiguration(databaseURL: url, applicationName: Self.applicationName)
        database.settings["search_path"] = LedgerMigrations.schema
        for plan in ["enable_hashjoin", "enable_mergejoin", "enable_seqscan"] { database.settings[plan] = "off" }
        var readers = try PostgresConfiguration(databaseURL: url, applicationName: "readers-of-a-test")
        readers.settings = database.settings
        let clock = clock
        var configuration = Inbox.Configuration(
            database: database, bookID: 1, clock: { clock.ms }, logger: Self.quiet)
        configuration.queueMax = queueMax
        let pool = PostgresPool(readers, size: 2)
        return Opened(inbox: Inbox(configuration, pool: pool), pool: pool)
    }

    /// Runs a test with one open inbox.
    static func with(queueMax: Int = 4096, _ body: (Inbox, TestInbox) async throws -> Void) async throws {
        let test = try await make()
        let opened = try test.open(queueMax: queueMax)
        do {
            try await body(opened.inbox, test)
        } catch {
            await opened.close()
            throw error
        }
        await opened.close()
    }

    /// A connection of the test's own, which it closes.
    func connect() throws -> Connection {
        let connection = try PostgresFixture.connect(url)
        try connection.execute("SET search_path = pay")
        return connection
    }

    /// How many events are stored, in whatever status.
    func storedCount() throws -> Int64 {
        let connection = try connect()
        defer { connection.close() }
        return try connection.query("SELECT count(*) FROM inbox").one().int8(0)
    }

    /// How many have a status.
    func count(_ status: InboxStatus) throws -> Int64 {
        let connection = try connect()
        defer { connection.close() }
        return try connection.query("SELECT count(*) FROM inbox WHERE status = $1", [.text(status.rawValue)]).one()
            .int8(0)
    }
}

extension Inbox {
    /// Stores an event of a test.
    @discardableResult
    func store(_ id: String, object: String = "pi_1", from source: WebhookSource = .stripe) async throws -> Arrival {
        let body = SignedEvent.body(id, object: object)
        return try await store(EventEnvelope(parsing: body), payload: body, from: source)
    }
}
