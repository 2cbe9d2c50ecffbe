public import Cryptography
import Foundation
import Logging
import Kernel
import PostgresClient
public import Settlement
import Synchronization

/// All grants of a book in memory, read again whenever one changes.
///
/// Listens on its own connection; without a notification it reads again every second. While the database is away the
/// last known grants stay in force.
public final class CallerCache: CallerDirectory {
    private let grants = Mutex<[DID: CallerGrant]>([:])
    private let database: PostgresConfiguration
    private let bookID: Int64
    private let logger: Logger
    private let isInForce: @Sendable (CallerGrant) -> Bool
    private let onRevoked: @Sendable (DID) -> Void
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<DedicatedThread?>(nil)

    private static let waitSeconds = 1.0

    /// Reads the grants and starts to listen.
    /// - Parameters:
    ///   - isInForce: which grants this process honours.
    ///   - onRevoked: called for each DID that lost its rights, to forget its session keys.
    public init(
        _ configuration: PostgresLedgerStore.Configuration, store: PostgresLedgerStore,
        isInForce: @escaping @Sendable (CallerGrant) -> Bool = { _ in true },
        onRevoked: @escaping @Sendable (DID) -> Void = { _ in }
    ) async throws(LedgerFailure) {
        database = configuration.database
        bookID = configuration.book.bookID
        logger = configuration.logger
        self.isInForce = isInForce
        self.onRevoked = onRevoked
        take(try await store.callers())
        let running = DedicatedThread.spawn(name: "callers") { [self] in run() }
        thread.withLock { $0 = running }
    }

    /// See ``CallerDirectory/grant(for:)``.
    public func grant(for did: DID) -> CallerGrant? { grants.withLock { $0[did] } }

    /// Stops listening.
    public func close() async {
        isStopping.store(true, ordering: .relaxed)
        await thread.withLock { $0 }?.join()
    }

    private func take(_ records: [CallerRecord]) {
        let live = records.filter { $0.revokedAtMs == nil && isInForce($0.grant) }.map { ($0.grant.did, $0.grant) }
        let now = Dictionary(live, uniquingKeysWith: { $1 })
        let before = grants.withLock { grants in
            defer { grants = now }
            return grants
        }
        for did in before.keys where now[did] == nil { onRevoked(did) }
    }

    private func run() {
        var connection: Connection?
        while !isStopping.load(ordering: .relaxed) {
            do {
                let live: Connection
                if let known = connection, known.isUsable {
                    live = known
                } else {
                    live = try Connection.connect(database)
                    try live.listen(PostgresLedgerStore.callersChannel)
                    connection = live
                }
                take(try PostgresLedgerStore.callers(bookID, on: live))
                let notice = try live.waitForNotification(timeoutSeconds: Self.waitSeconds)
                if let revoked = notice.flatMap({ try? DID($0.payload) }) { onRevoked(revoked) }
            } catch {
                connection?.close()
                connection = nil
                logger.debug("reading callers failed", metadata: ["reason": "\(error)"])
                Thread.sleep(forTimeInterval: Self.waitSeconds)
            }
        }
        connection?.close()
    }
}
