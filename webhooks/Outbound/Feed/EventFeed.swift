import Cryptography
import Kernel
import Logging
public import PostgresClient

/// Follows the journal by the entries' numbers, and writes what each endpoint is to get.
///
/// An entry's deliveries are written in the transaction that moves the cursor over it, and the cursor moves over no
/// number that is missing: no entry is passed over, whatever dies when. Feeds of several processes take turns.
public struct EventFeed: Sendable {
    private let store: WebhookStore
    private let bookName: String
    private let access: @Sendable (DID) -> WebhookAccess?
    private let clock: @Sendable () -> Int64
    private let isFeeding: @Sendable () -> Bool
    private let isBusy: @Sendable () -> Bool
    private let metrics: OutboundMetrics
    private let logger: Logger

    /// Between two looks at the book when there is nothing to do.
    private static let idlePause = Duration.milliseconds(200)
    /// After a batch while the book's writer is busy: with ``busyEntriesMax`` 200 entries a second, a few hundredths of
    /// a core. What is left over is caught up with afterwards.
    private static let busyPause = Duration.milliseconds(250)
    private static let failurePause = Duration.seconds(1)
    /// Entries of a batch, at most.
    private static let entriesMax = 200
    private static let busyEntriesMax = 50

    init(_ dependencies: OutboundDependencies, store: WebhookStore) {
        self.store = store
        bookName = dependencies.bookName
        access = dependencies.access
        clock = dependencies.clock
        isFeeding = dependencies.isFeeding
        isBusy = dependencies.isBusy
        metrics = dependencies.metrics
        logger = dependencies.logger
    }

    /// Feeds until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            var pause = Self.idlePause
            guard isFeeding() else {
                metrics.set(entriesBehind: 0, nowMs: clock())
                try? await Task.sleep(for: pause)
                continue
            }
            do throws(PostgresError) {
                let busy = isBusy()
                let step = try await advance(entriesMax: busy ? Self.busyEntriesMax : Self.entriesMax)
                metrics.set(entriesBehind: step.entriesBehind, nowMs: clock())
                if step.hasMore { pause = busy ? Self.busyPause : .zero }
            } catch {
                logger.warning("feeding webhooks failed", metadata: ["reason": "\(error)"])
                pause = Self.failurePause
            }
            if pause > .zero { try? await Task.sleep(for: pause) }
        }
    }

    /// What a turn did.
    public struct Step: Hashable, Sendable {
        /// Deliveries written.
        public var deliveries = 0
        /// Whether more waits to be done.
        public var hasMore = false
        /// Entries after the cursor; 0 where there is nobody to tell.
        public var entriesBehind: Int64 = 0
    }

    /// Takes one turn: the next entries after the cursor, or of an endpoint that is behind.
    /// - Throws: when the database fails; the turn then had no effect.
    public func advance(entriesMax: Int = 200) async throws(PostgresError) -> Step {
        let writer = FeedWriter(
            bookID: store.bookID, bookName: bookName, access: access, nowMs: clock(), entriesMax: entriesMax)
        let step = try await store.relaxedTransaction { try writer.advance(on: $0) }
        return step
    }
}
