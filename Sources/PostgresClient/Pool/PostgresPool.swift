import Synchronization

/// A fixed number of connections, each on a thread of its own.
///
/// A job is a closure that runs to its end on one connection's thread: nothing can be awaited inside of it, so no
/// transaction is ever held open across a suspension. Connections are made at their first use and again after they
/// broke. Jobs wait in one bounded queue, oldest first.
///
/// Cancelling the task that awaits a job removes the job from the queue, or cancels its running statement on the
/// server. After `close()` every job fails with kind `closed`. A session's state (SET, LISTEN, temporary tables) stays
/// on its connection, for whichever job comes next: use SET LOCAL.
public final class PostgresPool: Sendable {
    /// How busy the pool is.
    public struct Status: Sendable, Equatable {
        /// The number of connections' threads.
        public let size: Int
        /// The number of jobs that run, or for which a connection is being made.
        public let running: Int
        /// The number of jobs that wait.
        public let waiting: Int
    }

    private let core: PoolCore
    private let threads: [DedicatedThread]
    private let interrupters: [Interrupter]

    /// Makes a pool; no connection is made yet.
    ///
    /// - Parameters:
    ///   - size: connections, and threads.
    ///   - waitingMax: jobs that may wait; one more fails with kind `poolExhausted`.
    ///   - waitTimeoutSeconds: how long a job may wait for a connection, the making of one included; past it, it fails
    ///     with kind `poolExhausted`, or with `unavailable` when the database cannot be reached.
    public init(
        _ configuration: PostgresConfiguration, size: Int = 4, waitingMax: Int = 1000, waitTimeoutSeconds: Double = 2
    ) {
        precondition(size > 0, "a pool has at least one connection")
        let core = PoolCore(
            configuration: configuration, size: size, waitingMax: waitingMax, waitTimeoutSeconds: waitTimeoutSeconds)
        let interrupters = (0..<size).map { _ in Interrupter() }
        var threads = interrupters.enumerated().map { index, interrupter in
            DedicatedThread.spawn(name: "postgres-\(index)") {
                PoolWorker(core: core, interrupter: interrupter).loop()
            }
        }
        threads.append(DedicatedThread.spawn(name: "postgres-alarm") { core.endOverdueJobs() })
        self.core = core
        self.interrupters = interrupters
        self.threads = threads
    }

    deinit { core.close() }

    /// How busy the pool is now.
    public var status: Status {
        Status(size: core.size, running: core.running.load(ordering: .relaxed), waiting: core.queue.count)
    }

    /// Runs a closure on one of the connections and returns its value.
    ///
    /// A transaction that the closure leaves open is rolled back. Nothing is tried again: see `transaction`.
    /// - Parameter timeoutSeconds: a limit for the whole job, its waiting included; each statement has the
    ///   configuration's limit besides.
    /// - Throws: what the closure throws; `poolExhausted`, `unavailable`, `cancelled`, `timeout`, `closed`.
    @discardableResult
    public func run<Value: Sendable>(
        timeoutSeconds: Double? = nil, _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        let box = PoolJobBox()
        let core = core
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                let job = PoolJob(
                    waitDeadline: .after(seconds: min(core.waitTimeoutSeconds, timeoutSeconds ?? .infinity)),
                    deadline: timeoutSeconds.map { .after(seconds: $0) } ?? .distant,
                    body: { connection in
                        let value = try body(connection)
                        return { continuation.resume(returning: value) }
                    },
                    fail: { continuation.resume(throwing: $0) })
                guard box.store(job) else { return job.cancel() }
                core.submit(job)
            }
        } onCancel: {
            box.cancel()
        }
    }

    /// Runs a closure in a transaction, and again from its start after a failure that may pass.
    ///
    /// Tried again are serialisation failures, deadlocks, lock timeouts, broken connections and a database that is
    /// starting, as long as nothing can have been committed, with a random pause that doubles each time.
    /// - Parameter attemptsMax: how often in all.
    /// - Throws: the last attempt's error. With `outcomeUnknown` set, read back what became of it.
    @discardableResult
    public func transaction<Value: Sendable>(
        attemptsMax: Int = 5,
        isolation: IsolationLevel = .readCommitted,
        readOnly: Bool = false,
        timeoutSeconds: Double? = nil,
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await run(timeoutSeconds: timeoutSeconds) { connection in
                    try connection.transaction(isolation: isolation, readOnly: readOnly, body)
                }
            } catch let error as PostgresError
                where error.isRetryable && !error.outcomeUnknown && error.kind != .poolExhausted
                && attempt < attemptsMax
            {
                let ceiling = min(Self.pauseMillisecondsFirst << attempt, Self.pauseMillisecondsMax)
                try await Task.sleep(for: .milliseconds(Int64.random(in: 1...ceiling)))
                attempt += 1
            }
        }
    }

    private static let pauseMillisecondsFirst: Int64 = 5
    private static let pauseMillisecondsMax: Int64 = 500

    /// Ends the pool: waiting jobs fail with kind `closed`, running ones may finish.
    ///
    /// - Parameter drainSeconds: how long; then their statements are cancelled. Returns when all threads have ended.
    public func close(drainSeconds: Double = 10) async {
        core.close()
        let ended = BlockingQueue<Bool>(capacity: 1)
        let interrupters = interrupters
        let guardian = DedicatedThread.spawn(name: "postgres-drain") {
            guard ended.take(upTo: 1, timeoutSeconds: drainSeconds)?.isEmpty == true else { return }
            for interrupter in interrupters { interrupter.interrupt() }
        }
        for thread in threads { await thread.join() }
        ended.close()
        await guardian.join()
    }
}
