import Kernel
import Logging
import PostgresClient
import Settlement
import Synchronization

/// Runs the poster's machine on a thread of its own: the machine says what to do, and is told what came of it.
///
/// This thread decides and loads. A second one, the committer, writes what was decided and keeps the lease, so that the
/// next batch is decided while the one before becomes durable. Each has a connection of its own.
final class PosterThread: Sendable {
    struct Settings: Sendable {
        let database: PostgresConfiguration
        let book: BookIdentity
        let holder: String
        let isHolderGone: @Sendable (String) -> Bool
        let limits: Poster.Limits
        let leaseMs: Int64
        let clock: @Sendable () -> Int64
        let logger: Logger
        let observer: PosterObserver
    }

    let queue: BlockingQueue<Submission>
    private let settings: Settings
    private let leading = Atomic<Bool>(false)
    private let waiting = Atomic<Int>(0)
    /// Until when the writer counts as busy, by ``Monotonic``.
    private let busyUntil = Atomic<Int64>(0)
    private let answer: @Sendable (UInt64, Result<[Decision], LedgerFailure>) -> Void
    private let forward: @Sendable ([Submission]) -> Void
    /// What the committer has to do: one thing at a time, and the lease's return at the end.
    private let asked = BlockingQueue<PosterEffect>(capacity: 2)
    /// What came of it.
    private let results = BlockingQueue<PosterEvent>(capacity: 2)

    /// Submissions that the machine may hold; more than a batch, so that the next one is ready.
    private static let takeMax = 2048
    /// How often an idle poster renews its lease, and a follower asks for it.
    private static let tickSeconds = 1.0
    /// More submissions than these waiting at once make the writer busy, and for how long: a queue is empty whenever a
    /// batch was just taken from it, however much there is to do.
    private static let busyDepth = 8
    private static let busyMicroseconds: Int64 = 1_000_000

    init(
        settings: Settings, queueMax: Int,
        answer: @escaping @Sendable (UInt64, Result<[Decision], LedgerFailure>) -> Void,
        forward: @escaping @Sendable ([Submission]) -> Void
    ) {
        self.settings = settings
        queue = BlockingQueue(capacity: queueMax)
        self.answer = answer
        self.forward = forward
    }

    /// Whether this process writes the book now.
    var isLeading: Bool { leading.load(ordering: .relaxed) }

    /// Submissions that wait to be decided.
    var waitingCount: Int { queue.count + waiting.load(ordering: .relaxed) }

    /// Whether more waited in the last second than the writer could take at once.
    var isBusy: Bool {
        waitingCount > Self.busyDepth || Monotonic.microseconds() < busyUntil.load(ordering: .relaxed)
    }

    func start() -> DedicatedThread {
        DedicatedThread.spawn(name: "poster") { self.run() }
    }

    private func run() {
        _ = DedicatedThread.spawn(name: "committer") { self.commit() }
        var loader = Worker(settings: settings)
        var machine = Poster(book: settings.book, limits: settings.limits)
        var ticked = settings.clock()
        tell(.tick, &machine, &loader)
        while true {
            let room = max(0, Self.takeMax - machine.queuedCount)
            guard let taken = queue.take(upTo: room, timeoutSeconds: Self.tickSeconds) else { break }
            if taken.count + machine.queuedCount > Self.busyDepth {
                busyUntil.store(Monotonic.microseconds() + Self.busyMicroseconds, ordering: .relaxed)
            }
            let came = results.take(upTo: 1, timeoutSeconds: 0)?.first
            if let came { tell(came, &machine, &loader) }
            if !taken.isEmpty { tell(.submitted(taken), &machine, &loader) }
            let now = settings.clock()
            if (taken.isEmpty && came == nil) || abs(now - ticked) > Int64(Self.tickSeconds * 1000) {
                ticked = now
                tell(.tick, &machine, &loader)
            }
        }
        // What was taken is brought to an end, then the lease is given back.
        while !machine.isIdle, let came = results.take(upTo: 1)?.first { tell(came, &machine, &loader) }
        tell(.stop, &machine, &loader)
        leading.store(false, ordering: .relaxed)
        asked.close()
        while results.take(upTo: 1) != nil {}
        loader.close()
    }

    /// Tells the machine what happened, and does what it wants; loads at once, all else of the database by the
    /// committer.
    private func tell(_ event: PosterEvent, _ machine: inout Poster, _ loader: inout Worker) {
        var events = [event]
        while !events.isEmpty {
            for effect in machine.handle(events.removeFirst(), nowMs: settings.clock()) {
                switch effect {
                case .answer(let ticket, let decisions): answer(ticket, .success(decisions))
                case .fail(let ticket, let failure): answer(ticket, .failure(failure))
                case .forward(let submissions): forward(submissions)
                case .load: events += loader.perform(effect).map { [$0] } ?? []
                case .acquireLease, .renewLease, .releaseLease, .commit:
                    let isTaken = asked.offer(effect)
                    precondition(isTaken, "the committer is asked for one thing at a time")
                }
            }
        }
        leading.store(machine.isLeader, ordering: .relaxed)
        waiting.store(machine.queuedCount, ordering: .relaxed)
    }

    /// The committer: until nothing more is asked.
    private func commit() {
        var worker = Worker(settings: settings.asWriter)
        while let effect = asked.take(upTo: 1)?.first {
            guard let event = worker.perform(effect) else { continue }
            let isTaken = results.offer(event)
            precondition(isTaken, "the machine takes each answer")
            queue.wake()
        }
        worker.close()
        results.close()
    }
}

extension PosterThread.Settings {
    /// With a connection that carries the process's name, so that a successor can tell which one blocks the book.
    var asWriter: Self {
        var database = database
        database.settings["application_name"] = WriterName.make(holder: holder, bookID: book.bookID)
        return Self(
            database: database, book: book, holder: holder, isHolderGone: isHolderGone, limits: limits,
            leaseMs: leaseMs, clock: clock, logger: logger, observer: observer)
    }
}
