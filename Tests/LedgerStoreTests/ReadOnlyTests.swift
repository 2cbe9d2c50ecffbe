import Cryptography
import Kernel
import LedgerDouble
import LedgerStore
import PostgresClient
import Settlement
import Testing

@Suite("A book that is only read")
struct ReadOnlyTests {
    private func open(_ book: OpenBook) async throws -> (store: PostgresLedgerStore, pool: PostgresPool) {
        var database = try PostgresConfiguration(databaseURL: book.url)
        database.settings["default_transaction_read_only"] = "on"
        let clock = book.clock
        var configuration = PostgresLedgerStore.Configuration(
            database: database, book: BookIdentity(bookID: 1, name: "test", node: People.book.node), holder: "reader",
            clock: { clock.ms }, logger: OpenBook.quiet)
        configuration.isReadOnly = true
        let pool = PostgresPool(configuration.database, size: 1)
        do {
            return (try await PostgresLedgerStore(configuration, pool: pool), pool)
        } catch {
            await pool.close()
            throw error
        }
    }

    @Test("reads beside the writer, asks for no lease, and takes nothing to be done")
    func reads() async throws {
        let book = try await OpenBook.make()
        await #expect(throws: LedgerFailure.self, "no book is made") { try await open(book) }
        let (writer, writersPool) = try await book.open()
        #expect(try await writer.decide(Commands.fund("f", People.ada, 100)).outcome.isDone)
        let (reader, pool) = try await open(book)
        #expect(try await reader.balances(of: People.ada) == writer.balances(of: People.ada))
        #expect(try await reader.trialBalance(at: .now).count == writer.trialBalance(at: .now).count)
        #expect(!reader.isLeading)
        await #expect(throws: LedgerFailure.self) { try await reader.decide(Commands.fund("g", People.ada, 100)) }
        await writer.close()
        #expect(try await !reader.balances(of: People.ada).isEmpty && !reader.isLeading, "nor when the writer went")
        await reader.close()
        for each in [pool, writersPool] { await each.close() }
    }
}
