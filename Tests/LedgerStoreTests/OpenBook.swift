import Cryptography
import Kernel
import LedgerDouble
import LedgerMigrations
import LedgerStore
import Logging
import PostgresClient
import PostgresFixture
import Settlement
import Synchronization

/// A clock that tests set.
final class TestClock: Sendable {
    private let now = Atomic<Int64>(People.noonMs)
    var ms: Int64 { now.load(ordering: .relaxed) }
    func advance(_ ms: Int64) { now.wrappingAdd(ms, ordering: .relaxed) }
}

/// A book in a database of its own, with as many stores as a test opens.
struct OpenBook: Sendable {
    let url: String
    let clock = TestClock()

    /// A logger that says nothing.
    static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    /// A migrated database without a book.
    static func make() async throws -> OpenBook {
        let url = try await PostgresFixture.freshDatabase(template: "ledger") { url in
            let connection = try PostgresFixture.connect(url)
            defer { connection.close() }
            try Migrator(schema: LedgerMigrations.schema, migrations: LedgerMigrations.all).apply(on: connection)
        }
        return OpenBook(url: url)
    }

    /// One process's store. The caller closes it.
    func open(
        _ holder: String = "one", node: DID = People.book.node, leaseMs: Int64 = 5000, limits: Poster.Limits = .init()
    ) async throws -> (store: PostgresLedgerStore, pool: PostgresPool) {
        let clock = clock
        var configuration = PostgresLedgerStore.Configuration(
            database: try PostgresConfiguration(databaseURL: url),
            book: BookIdentity(bookID: 1, name: "test", node: node), holder: holder, clock: { clock.ms },
            logger: Self.quiet)
        configuration.leaseMs = leaseMs
        configuration.limits = limits
        configuration.isDevelopment = true
        let pool = PostgresPool(configuration.database, size: 2)
        return (try await PostgresLedgerStore(configuration, pool: pool), pool)
    }

    /// Runs a test with one open store, and proves the book afterwards.
    static func with(
        limits: Poster.Limits = .init(), _ body: (PostgresLedgerStore, OpenBook) async throws -> Void
    ) async throws {
        let book = try await make()
        let (store, pool) = try await book.open(limits: limits)
        do {
            try await body(store, book)
        } catch {
            await store.close()
            await pool.close()
            throw error
        }
        await store.close()
        await pool.close()
    }

    /// What `mjn ledger verify` finds.
    func verify() throws -> VerificationReport {
        try LedgerVerifier(database: PostgresConfiguration(databaseURL: url)).verify()
    }

    /// Changes rows behind the ledger's back.
    func tamper(_ sql: String) throws {
        let connection = try PostgresFixture.connect(url)
        defer { connection.close() }
        try connection.execute("SET search_path = pay; " + sql)
    }
}

extension LedgerStore {
    /// Submits one command and expects it to be decided now.
    func decide(_ command: Command) async throws(LedgerFailure) -> Decision {
        try await submit([command], atomically: false)[0]
    }
}
