import Glibc
import Logging
import PostgresClient
import Synchronization

/// Group commit: what gathers while one commit is under way goes into the next, all in one transaction.
///
/// A thread and a connection of its own. A lost answer leaves open whether the commit happened: the same statements
/// are sent again, since they change nothing the second time.
final class InboxWriter: Sendable {
    /// Rows of one commit: enough for a busy second on a slow disk, few enough that one commit stays short.
    static let batchMax = 512
    /// Bytes of payloads that wait; past it `overloaded`. Sixty-four of the largest, thousands of usual ones.
    static let waitingBytesMax = 64 << 20
    /// Attempts at one commit, with pauses of 50 ms doubled each time: some 0.75 s, within a sender's patience.
    static let attemptsMax = 5
    private static let pauseMicroseconds: UInt32 = 50_000
    /// Seconds that a commit or a new connection may take; a sender that hears nothing sends again.
    private static let commitSeconds = 5

    private let bookID: Int64
    private let database: PostgresConfiguration
    private let logger: Logger
    private let stored: @Sendable () -> Void
    private let queue: BlockingQueue<InboxWrite>
    private let waitingBytes = Atomic<Int>(0)

    init(
        bookID: Int64, database: PostgresConfiguration, queueMax: Int, logger: Logger,
        stored: @escaping @Sendable () -> Void
    ) {
        self.bookID = bookID
        var database = database
        database.connectTimeoutSeconds = .init(Self.commitSeconds)
        database.statementTimeoutSeconds = .init(Self.commitSeconds)
        self.database = database
        self.logger = logger
        self.stored = stored
        queue = BlockingQueue(capacity: queueMax)
    }

    /// What waits.
    var waitingCount: Int { queue.count }

    func start() -> DedicatedThread { DedicatedThread.spawn(name: "inbox") { self.run() } }

    /// Takes no more; what was taken is brought to its end.
    func close() { queue.close() }

    /// Queues a write, or fails it at once.
    func submit(_ write: InboxWrite) {
        let bytes = write.byteCount
        let waiting = waitingBytes.wrappingAdd(bytes, ordering: .relaxed).newValue
        if waiting <= Self.waitingBytesMax, queue.offer(write) { return }
        waitingBytes.wrappingSubtract(bytes, ordering: .relaxed)
        write.fail(queue.isClosed ? .stopping : .overloaded)
    }

    private func run() {
        var connection: Connection?
        while let batch = queue.take(upTo: Self.batchMax) {
            waitingBytes.wrappingSubtract(batch.reduce(0) { $0 + $1.byteCount }, ordering: .relaxed)
            write(batch, &connection)
        }
        connection?.close()
    }

    /// Writes a batch; when the database refuses one for what is in it, each of it alone, so that only that one fails.
    private func write(_ batch: [InboxWrite], _ connection: inout Connection?) {
        var attempt = 1
        while true {
            do {
                return answer(batch, inserted: try commit(batch, &connection))
            } catch {
                let error = error as? PostgresError ?? PostgresError(.misuse, "\(error)")
                logger.warning(
                    "storing webhooks failed",
                    metadata: ["reason": "\(error)", "count": "\(batch.count)", "attempt": "\(attempt)"])
                let mayPass = error.outcomeUnknown || error.isRetryable || error.kind == .timeout
                if !mayPass, error.kind == .server, batch.count > 1 {
                    for one in batch { write([one], &connection) }
                    return
                }
                guard mayPass, attempt < Self.attemptsMax else {
                    for one in batch { one.fail(.unavailable(error.description)) }
                    return
                }
                usleep(Self.pauseMicroseconds << UInt32(attempt - 1))
                attempt += 1
            }
        }
    }

    private func answer(_ batch: [InboxWrite], inserted: Set<EventKey>) {
        var fresh = inserted
        for write in batch {
            switch write {
            case .insert(let event, let answer): answer(.success(fresh.remove(event.key) == nil ? .known : .stored))
            case .mark(_, let answer): answer(.success(()))
            }
        }
        if !inserted.isEmpty { stored() }
    }

    private func commit(_ batch: [InboxWrite], _ connection: inout Connection?) throws -> Set<EventKey> {
        if connection?.isUsable != true {
            connection?.close()
            connection = nil
            connection = try Connection.connect(database)
        }
        guard let connection else { return [] }
        var events: [NewEvent] = []
        var marks: [Mark] = []
        for write in batch {
            switch write {
            case .insert(let event, _): events.append(event)
            case .mark(let mark, _): marks.append(mark)
            }
        }
        let results = try connection.pipeline { pipe in
            if !events.isEmpty { try pipe.send(Self.insert, Self.parameters(bookID, of: events)) }
            if !marks.isEmpty { try pipe.send(Self.update, Self.parameters(bookID, of: marks)) }
        }
        guard !events.isEmpty, let rows = results.first else { return [] }
        return Set(try rows.map { EventKey(source: try $0.text(0), eventID: try $0.text(1)) })
    }
}
