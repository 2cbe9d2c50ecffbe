import Cryptography
public import Kernel
import LedgerMigrations
public import Logging
public import PostgresClient
public import Settlement
import Synchronization

/// A book on Postgres: one poster per process, of which the lease lets one write.
///
/// Open it once per process, `close` it at the end: that gives the lease back, so that the next process need not wait
/// for its end. Reads go through the pool, writes through the poster's own connection.
public final class PostgresLedgerStore: LedgerStore {
    /// How a book is opened.
    public struct Configuration: Sendable {
        /// The database; its `search_path` is set by the store.
        public var database: PostgresConfiguration
        /// The book.
        public var book: BookIdentity
        /// Whether a book that is new becomes a development book, whose balances may be invented.
        public var isDevelopment = false
        /// Whether the book is only read: it has to be there, no lease is asked for, and nothing is submitted. For a
        /// standby of the database, and for whoever must not write.
        public var isReadOnly = false
        /// Names this process in the lease.
        public var holder: String
        /// Whether the process that a holder names is certainly gone, so that its lease need not be waited for. A wrong
        /// yes costs a take-over, never money: every write is fenced by the lease's epoch.
        public var isHolderGone: @Sendable (String) -> Bool = { _ in false }
        /// Bounds of a batch.
        public var limits = Poster.Limits()
        /// Submissions that may wait; past it callers are told `overloaded`. 16,384 settlements are a second of work.
        public var queueMax = 16_384
        /// How long a silent poster keeps the book. A take-over waits this long.
        public var leaseMs: Int64 = 5000
        /// The wall clock, milliseconds since 1970.
        public var clock: @Sendable () -> Int64
        /// Where to log.
        public var logger: Logger
        /// Who measures.
        public var observer = PosterObserver()

        /// A configuration.
        public init(
            database: PostgresConfiguration, book: BookIdentity, holder: String,
            clock: @escaping @Sendable () -> Int64, logger: Logger
        ) {
            self.database = Self.inSchema(database)
            self.book = book
            self.holder = holder
            self.clock = clock
            self.logger = logger
        }

        /// The settings that every connection of this store needs: its schema, and no plans that read whole tables. A
        /// table that is small when a statement is first planned does not stay small, and the plan stays.
        public static func inSchema(_ database: PostgresConfiguration) -> PostgresConfiguration {
            var database = database
            database.settings["search_path"] = PostgresLedgerStore.schema
            database.settings["enable_hashjoin"] = "off"
            database.settings["enable_mergejoin"] = "off"
            database.settings["enable_seqscan"] = "off"
            return database
        }
    }

    /// The ledger's schema.
    public static let schema = LedgerMigrations.schema

    /// The book.
    public let book: BookIdentity
    /// Whether balances may be invented. Fixed when the book was made.
    public let isDevelopment: Bool
    let pool: PostgresPool
    private let isReadOnly: Bool
    private let poster: PosterThread
    private let intents: ChannelListener
    private let waiters: Waiters
    private let threads: Mutex<[DedicatedThread]>
    private let tickets = Atomic<UInt64>(0)
    private let lastSeenTicket = Atomic<UInt64>(0)

    /// Opens the book, making its row when it is new, and starts the poster.
    ///
    /// The schema must be migrated.
    /// - Throws: `LedgerFailure.databaseUnavailable`; `.rejected` when the book belongs to another node, and when one
    ///   that is only to be read is not there.
    public init(_ configuration: Configuration, pool: PostgresPool) async throws(LedgerFailure) {
        book = configuration.book
        isReadOnly = configuration.isReadOnly
        self.pool = pool
        let waiters = Waiters()
        self.waiters = waiters
        let forwarder = Forwarder(pool: pool, bookID: configuration.book.bookID)
        poster = PosterThread(
            settings: PosterThread.Settings(
                database: configuration.database, book: configuration.book, holder: configuration.holder,
                isHolderGone: configuration.isHolderGone, limits: configuration.limits, leaseMs: configuration.leaseMs,
                clock: configuration.clock,
                logger: configuration.logger, observer: configuration.observer),
            queueMax: configuration.queueMax,
            answer: { waiters.resume($0, with: $1) },
            forward: { submissions in
                for submission in submissions {
                    Task {
                        let result: Result<[Decision], LedgerFailure>
                        do throws(LedgerFailure) {
                            result = .success(try await forwarder.submit(submission))
                        } catch {
                            result = .failure(error)
                        }
                        waiters.resume(submission.ticket, with: result)
                    }
                }
            })
        intents = IntentReader(bookID: configuration.book.bookID, poster: poster, logger: configuration.logger)
            .listener(configuration.database)
        threads = Mutex([])
        isDevelopment = try await Self.openBook(configuration, pool)
        guard !isReadOnly else { return }
        let started = [poster.start(), intents.start(name: "intents")]
        threads.withLock { $0 = started }
    }

    /// Makes the book's row when there is none, and returns whether it is a development book.
    private static func openBook(_ configuration: Configuration, _ pool: PostgresPool) async throws(LedgerFailure)
        -> Bool
    {
        let book = configuration.book
        let (isNewForDevelopment, isReadOnly) = (configuration.isDevelopment, configuration.isReadOnly)
        let found: (node: String, isDevelopment: Bool)?
        do {
            found = try await pool.run { connection in
                // Read first: an insert that meets the row would wait for a writer that is in the middle of a batch.
                if let row = try connection.query(BookStatements.identity, [.int8(book.bookID)]).first {
                    return (try row.text(1), try row.bool(2))
                }
                guard !isReadOnly else { return nil }
                try connection.query(
                    BookStatements.open,
                    [.int8(book.bookID), .text(book.name), .text(book.node.string), .bool(isNewForDevelopment)])
                let row = try connection.query(BookStatements.identity, [.int8(book.bookID)]).one()
                return (try row.text(1), try row.bool(2))
            }
        } catch {
            throw LedgerFailure(error)
        }
        guard let found else { throw .rejected("there is no book here, and this process only reads") }
        guard found.node == book.node.string else {
            throw .rejected(
                "the book belongs to the node \(found.node): start with that node's key, or with another database")
        }
        return found.isDevelopment
    }

    /// The book with this number, if the database has one.
    public static func book(_ bookID: Int64, in pool: PostgresPool) async throws(LedgerFailure) -> BookIdentity? {
        do {
            return try await pool.run { connection in
                guard let row = try connection.query(BookStatements.identity, [.int8(bookID)]).first else { return nil }
                return BookIdentity(bookID: bookID, name: try row.text(0), node: try DID(row.text(1)))
            }
        } catch {
            throw LedgerFailure(error)
        }
    }

    /// Whether the book with this number is a development book, if the database has one.
    public static func isDevelopment(_ bookID: Int64, in pool: PostgresPool) async throws(LedgerFailure) -> Bool? {
        do {
            return try await pool.run { connection in
                try connection.query(BookStatements.identity, [.int8(bookID)]).first?.bool(2)
            }
        } catch {
            throw LedgerFailure(error)
        }
    }

    /// Stops taking work, finishes what is queued, gives the lease back. The pool stays open.
    public func close() async {
        intents.stop()
        poster.queue.close()
        let running = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in running { await thread.join() }
        waiters.failAll(.stopping)
    }

    /// Whether this process writes the book now.
    public var isLeading: Bool { poster.isLeading }

    /// Submissions that wait for the poster.
    public var queueDepth: Int { poster.waitingCount }

    /// Whether the poster has more to do than it can take at once, or had within the last second: what can wait should.
    public var isBusy: Bool { poster.isBusy }

    /// Whether anything was submitted since the last call.
    func takeWasBusy() -> Bool {
        let now = tickets.load(ordering: .relaxed)
        return lastSeenTicket.exchange(now, ordering: .relaxed) != now
    }

    /// See ``LedgerStore/submit(_:atomically:)``. One that is only read rejects everything.
    public func submit(_ commands: [Command], atomically: Bool) async throws(LedgerFailure) -> [Decision] {
        guard !isReadOnly else { throw .rejected("the book was opened to be read") }
        let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
        let submission = Submission(ticket: ticket, commands: commands, isAtomic: atomically)
        let result = await withCheckedContinuation { continuation in
            waiters.add(ticket, continuation)
            if !poster.queue.offer(submission) {
                waiters.resume(ticket, with: .failure(poster.queue.isClosed ? .stopping : .overloaded))
            }
        }
        return try result.get()
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws(LedgerFailure) -> T {
        do {
            return try await pool.run(body)
        } catch {
            throw LedgerFailure(error)
        }
    }
}

/// Who waits for which ticket.
final class Waiters: Sendable {
    typealias Answer = Result<[Decision], LedgerFailure>
    private let waiting = Mutex<[UInt64: CheckedContinuation<Answer, Never>]>([:])

    func add(_ ticket: UInt64, _ continuation: CheckedContinuation<Answer, Never>) {
        waiting.withLock { $0[ticket] = continuation }
    }

    func resume(_ ticket: UInt64, with answer: Answer) {
        waiting.withLock { $0.removeValue(forKey: ticket) }?.resume(returning: answer)
    }

    func failAll(_ failure: LedgerFailure) {
        let all = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting
        }
        for continuation in all.values { continuation.resume(returning: .failure(failure)) }
    }
}
