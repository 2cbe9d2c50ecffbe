import Kernel
import LedgerDouble
import LedgerMigrations
import LedgerStore
import Logging
import PostgresClient
import PostgresFixture
import Settlement

/// The same lives in Postgres: what was submitted to a book in memory, submitted again at the same times to the real
/// store, must make the same journal to the last byte, and the verifier must find nothing in it.
struct DurableBooks: Sendable {
    private let url: String

    /// A database of its own, for any number of books.
    static func make() async throws -> DurableBooks {
        DurableBooks(
            url: try await PostgresFixture.freshDatabase(template: "rails") { url in
                let connection = try PostgresFixture.connect(url)
                defer { connection.close() }
                try Migrator(schema: LedgerMigrations.schema, migrations: LedgerMigrations.all).apply(on: connection)
            })
    }

    /// Makes a world's book again.
    /// - Returns: what is wrong with it.
    func findings(_ world: World) async throws -> [String] {
        let clock = World.ClockBox()
        let database = try PostgresConfiguration(databaseURL: url)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = PostgresLedgerStore.Configuration(
            database: database, book: world.book, holder: "again", clock: { clock.nowMs }, logger: logger)
        configuration.isDevelopment = true
        let pool = PostgresPool(configuration.database, size: 2)
        let store = try await PostgresLedgerStore(configuration, pool: pool)
        let result: Result<Void, any Error>
        do {
            for batch in world.ledger.batches {
                clock.advance(batch.nowMs - clock.nowMs)
                _ = try await store.submit(batch.commands, atomically: batch.isAtomic)
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await store.close()
        await pool.close()
        try result.get()
        let report = try LedgerVerifier(database: database, bookID: world.book.bookID).verify()
        var findings = report.findings.map { "\($0.code.rawValue): \($0.detail)" }
        let head = world.ledger.inner.book.head
        if report.entries != head.seq || report.headHash != head.hash {
            findings.append(try firstDifference(world, database))
        }
        return findings
    }

    private func firstDifference(_ world: World, _ database: PostgresConfiguration) throws -> String {
        let connection = try Connection.connect(PostgresLedgerStore.Configuration.inSchema(database))
        defer { connection.close() }
        let stored = try connection.query(
            "SELECT body FROM entries WHERE book_id = $1 ORDER BY seq", [.int8(world.book.bookID)]
        ).map { try Entry(body: $0.bytea(0)) }
        let made = world.ledger.inner.book.entries.map { try? Entry(body: $0.body) }
        for (index, (left, right)) in zip(stored, made).enumerated() where left != right {
            return "entry \(index + 1) is \(left), in memory \(String(describing: right))"
        }
        return "\(stored.count) entries, in memory \(made.count)"
    }
}
