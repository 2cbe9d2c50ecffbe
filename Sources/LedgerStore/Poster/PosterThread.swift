import Kernel
import Logging
import PostgresClient
import Settlement
import Synchronization

/// Runs the poster's machine on a thread of its own, with a connection of its own: the machine says what to do, the
/// thread does it and tells the machine what came of it.
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
    private let answer: @Sendable (UInt64, Result<[Decision], LedgerFailure>) -> Void
    private let forward: @Sendable ([Submission]) -> Void

    /// Submissions taken from the queue at once; more than a batch holds, so that the next one is ready.
    private static let takeMax = 2048
    /// How often an idle poster renews its lease, and a follower asks for it.
    private static let tickSeconds = 1.0

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

    func start() -> DedicatedThread {
        DedicatedThread.spawn(name: "poster") { self.run() }
    }

    private func run() {
        var worker = Worker(settings: settings)
        var machine = Poster(book: settings.book, limits: settings.limits)
        var ticked = settings.clock()
        perform(machine.handle(.tick, nowMs: ticked), &machine, &worker)
        while true {
            guard let taken = queue.take(upTo: Self.takeMax, timeoutSeconds: Self.tickSeconds) else { break }
            if !taken.isEmpty {
                perform(machine.handle(.submitted(taken), nowMs: settings.clock()), &machine, &worker)
            }
            let now = settings.clock()
            if taken.isEmpty || abs(now - ticked) > Int64(Self.tickSeconds * 1000) {
                ticked = now
                perform(machine.handle(.tick, nowMs: now), &machine, &worker)
            }
        }
        perform(machine.handle(.stop, nowMs: settings.clock()), &machine, &worker)
        leading.store(false, ordering: .relaxed)
        worker.close()
    }

    private func perform(_ first: [PosterEffect], _ machine: inout Poster, _ worker: inout Worker) {
        var effects = first
        while !effects.isEmpty {
            var following: [PosterEffect] = []
            for effect in effects {
                switch effect {
                case .answer(let ticket, let decisions): answer(ticket, .success(decisions))
                case .fail(let ticket, let failure): answer(ticket, .failure(failure))
                case .forward(let submissions): forward(submissions)
                case .acquireLease, .renewLease, .releaseLease, .load, .commit:
                    guard let event = worker.perform(effect) else { continue }
                    following += machine.handle(event, nowMs: settings.clock())
                }
            }
            leading.store(machine.isLeader, ordering: .relaxed)
            effects = following
        }
    }
}
