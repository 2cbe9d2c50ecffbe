package import Kernel
import LedgerDouble
import LedgerMigrations
import LedgerStore
import Logging
import PostgresClient
import PostgresFixture
import Settlement
import Synchronization

/// The same lives in Postgres: what was submitted to a book in memory, submitted again at the same times to the real
/// store, must make the same journal to the last byte, and the verifier must find nothing in it.
package struct DurableBooks: Sendable {
    private let url: String

    /// A database of its own, for any number of books.
    package static func make() async throws -> DurableBooks {
        DurableBooks(
            url: try await PostgresFixture.freshDatabase(template: "rails") { url in
                let connection = try PostgresFixture.connect(url)
                defer { connection.close() }
                try Migrator(schema: LedgerMigrations.schema, migrations: LedgerMigrations.all).apply(on: connection)
            })
    }

    /// Makes a book again.
    /// - Returns: what is wrong with it.
    package func findings(_ ledger: FlakyLedger, _ book: BookIdentity) async throws -> [String] {
        let clock = Clock()
        let database = try PostgresConfiguration(databaseURL: url)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = PostgresLedgerStore.Configuration(
            database: database, book: book, holder: "again", clock: { clock.nowMs }, logger: logger)
        configuration.isDevelopment = true
        let pool = PostgresPool(configuration.database, size: 2)
        let store = try await PostgresLedgerStore(configuration, pool: pool)
        let result: Result<Void, any Error>
        do {
            for batch in ledger.batches {
                clock.set(batch.nowMs)
                _ = try await store.submit(batch.commands, atomically: batch.isAtomic)
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await store.close()
        await pool.close()
        try result.get()
        let report = try LedgerVerifier(database: database, bookID: book.bookID).verify()
        var findings = report.findings.map { "\($0.code.rawValue): \($0.detail)" }
        let head = ledger.inner.book.head
        if report.entries != head.seq || report.headHash != head.hash {
            findings.append(try firstDifference(ledger, book, database))
        }
        return findings
    }

    private func firstDifference(
        _ ledger: FlakyLedger, _ book: BookIdentity, _ database: PostgresConfiguration
    ) throws -> String {
        let connection = try Connection.connect(PostgresLedgerStore.Configuration.inSchema(database))
        defer { connection.close() }
        let stored = try connection.query(
            "SELECT body FROM entries WHERE book_id = $1 ORDER BY seq", [.int8(book.bookID)]
        ).map { try Entry(body: $0.bytea(0)) }
        let made = ledger.inner.book.entries.map { try? Entry(body: $0.body) }
        for (index, (left, right)) in zip(stored, made).enumerated() where left != right {
            return "entry \(index + 1) is \(left), in memory \(String(describing: right))"
        }
        return "\(stored.count) entries, in memory \(made.count)"
    }
}

/// A clock that is set.
private final class Clock: Sendable {
    private let time = Atomic<Int64>(0)
    var nowMs: Int64 { time.load(ordering: .relaxed) }
    func set(_ nowMs: Int64) { time.store(nowMs, ordering: .relaxed) }
}
