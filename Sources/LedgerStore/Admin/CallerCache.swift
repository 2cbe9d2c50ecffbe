public import Cryptography
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
    private let bookID: Int64
    private let isInForce: @Sendable (CallerGrant) -> Bool
    private let onRevoked: @Sendable (DID) -> Void
    private let listening = Mutex<(ChannelListener, DedicatedThread)?>(nil)

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
        bookID = configuration.book.bookID
        self.isInForce = isInForce
        self.onRevoked = onRevoked
        take(try await store.callers())
        let listener = ChannelListener(
            configuration.database, channel: PostgresLedgerStore.callersChannel, waitSeconds: Self.waitSeconds,
            logger: configuration.logger
        ) { [self] connection, notice in
            if let revoked = notice.flatMap({ try? DID($0.payload) }) { onRevoked(revoked) }
            take(try PostgresLedgerStore.callers(bookID, on: connection))
        }
        let thread = listener.start(name: "callers")
        listening.withLock { $0 = (listener, thread) }
    }

    /// See ``CallerDirectory/grant(for:)``.
    public func grant(for did: DID) -> CallerGrant? { grants.withLock { $0[did] } }

    /// Stops listening.
    public func close() async {
        let running = listening.withLock { $0 }
        running?.0.stop()
        await running?.1.join()
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
}
