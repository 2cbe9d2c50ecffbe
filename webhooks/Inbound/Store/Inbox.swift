public import Logging
public import PostgresClient
import Synchronization

/// Verified events on Postgres: each stored once, durably, until it was handled.
///
/// One per process. It has a thread and a connection of its own for what is written, and reads through the pool.
/// Safe from any thread. Close it after what uses it has ended.
public final class Inbox: Sendable {
    /// How an inbox is opened.
    public struct Configuration: Sendable {
        /// The database, with the schema of the ledger in `search_path`, as the pool's.
        public var database: PostgresConfiguration
        /// The book that the events are of.
        public var bookID: Int64
        /// Unix milliseconds.
        public var clock: @Sendable () -> Int64
        /// Where to log.
        public var logger: Logger
        /// Events that may wait to be stored; past it senders are told `overloaded`. Two seconds of intake.
        public var queueMax = 4096

        /// A configuration.
        public init(
            database: PostgresConfiguration, bookID: Int64, clock: @escaping @Sendable () -> Int64, logger: Logger
        ) {
            self.database = database
            self.bookID = bookID
            self.clock = clock
            self.logger = logger
        }
    }

    let bookID: Int64
    let clock: @Sendable () -> Int64
    let logger: Logger
    let pool: PostgresPool
    let arrivals = Arrivals()
    private let writer: InboxWriter
    private let thread: DedicatedThread

    /// Opens the inbox; nothing is asked of the database yet.
    public init(_ configuration: Configuration, pool: PostgresPool) {
        bookID = configuration.bookID
        clock = configuration.clock
        logger = configuration.logger
        self.pool = pool
        writer = InboxWriter(
            bookID: configuration.bookID, database: configuration.database, queueMax: configuration.queueMax,
            logger: configuration.logger, stored: { [arrivals] in arrivals.signal() })
        thread = writer.start()
    }

    deinit { writer.close() }

    /// Ends the inbox: what waits is still stored.
    public func close() async {
        writer.close()
        await thread.join()
    }

    /// Events and verdicts that wait to be written.
    public var waitingCount: Int { writer.waitingCount }

    /// Stores an event whose origin was verified; returns once it is durable.
    ///
    /// - Throws: `overloaded`, `unavailable`, `stopping`. It may be stored nevertheless; storing it again is harmless.
    public func store(
        _ envelope: EventEnvelope, payload: [UInt8], from source: WebhookSource
    ) async throws(InboxFailure) -> Arrival {
        let event = NewEvent(source: source, envelope: envelope, payload: payload, receivedAtMs: clock())
        let result = await withCheckedContinuation { continuation in
            writer.submit(.insert(event) { continuation.resume(returning: $0) })
        }
        return try result.get()
    }

    func mark(_ mark: Mark) async throws(InboxFailure) {
        let result = await withCheckedContinuation { continuation in
            writer.submit(.mark(mark) { continuation.resume(returning: $0) })
        }
        try result.get()
    }
}

/// Tells a worker of the same process that something arrived, so that it need not wait for its next look.
final class Arrivals: Sendable {
    private let listeners = Mutex<[AsyncStream<Void>.Continuation]>([])

    /// A stream that has an element after a signal, one for any number of them, until its reader ends.
    func listen() -> (stream: AsyncStream<Void>, signal: AsyncStream<Void>.Continuation) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        listeners.withLock { $0.append(continuation) }
        return (stream, continuation)
    }

    func signal() {
        listeners.withLock { listeners in
            listeners.removeAll { if case .terminated = $0.yield() { true } else { false } }
        }
    }
}
