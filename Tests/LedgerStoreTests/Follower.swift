import Cryptography
import IdentityDouble
import Kernel
import LedgerStore
import PostgresClient
import Settlement
import Synchronization

/// A process that follows a relay's log.
struct Follower: Sendable {
    let store: PostgresLedgerStore
    let pool: PostgresPool
    let directory: IdentityDirectory
    let sync: IdentitySync
    /// DIDs that it was told of, in order.
    let told: Told

    final class Told: Sendable {
        let list = Mutex<[DID]>([])
    }

    static let maxAgeMs: Int64 = 10_000

    init(_ book: OpenBook, _ log: (any RelayLog)?, holder: String = "one") async throws {
        (store, pool) = try await book.open(holder)
        let clock = book.clock
        directory = IdentityDirectory(reading: store, clock: { clock.ms }, isNamed: { _ in false })
        let told = Told()
        self.told = told
        sync = IdentitySync(
            IdentitySync.Parts(
                store: store, log: log, directory: directory, maxAgeMs: Self.maxAgeMs, clock: { clock.ms },
                logger: OpenBook.quiet, onChanged: { changed in told.list.withLock { $0 += changed.map(\.did) } }))
        try await sync.begin()
    }

    func keys(_ did: DID) async throws -> KeyLookup {
        try await directory.load(did)
        return directory.keys(for: did)
    }

    func close() async {
        await store.close()
        await pool.close()
    }

    /// A round that is not skipped because another was just before.
    static func round(_ follower: Follower, _ book: OpenBook) async -> Bool {
        book.clock.advance(3_000)
        return await follower.sync.round()
    }

    /// Runs a test with one process on a fresh book.
    static func with(_ log: ScriptedRelayLog?, _ body: (Follower, OpenBook) async throws -> Void) async throws {
        let book = try await OpenBook.make()
        let follower = try await Follower(book, log)
        do {
            try await body(follower, book)
        } catch {
            await follower.close()
            throw error
        }
        await follower.close()
    }
}
