public import Logging
public import Settlement
import Synchronization

/// Works on what lifecycles need, again and again, while this process leads the book.
public final class RailLoop: Sendable {
    private let store: PostgresLedgerStore
    private let worker: RailWorker
    private let clock: @Sendable () -> Int64
    private let logger: Logger
    private let show: @Sendable (RailBacklog) -> Void
    private let isGone: @Sendable (String) -> Bool
    private let shownAtMs = Atomic<Int64>(.min)
    private let hasLed = Atomic<Bool>(false)
    private let lookedAtMs = Atomic<Int64>(.min)
    /// Behind whom the next look at payees begins who are paid at once.
    private let lookedUpTo = Mutex("")

    /// Pause when nothing more is due. What a request makes is driven by it at once; the loop is for what waits.
    private static let idlePause = Duration.milliseconds(500)
    /// Pause after a full pass: there is more, and the poster gets a turn.
    private static let busyPause = Duration.milliseconds(20)
    /// Pause after a failure.
    private static let failurePause = Duration.seconds(2)
    /// How often some payees are looked at who are paid as soon as there is enough.
    private static let lookMs: Int64 = 5_000
    /// How often it is counted what waits.
    private static let showMs: Int64 = 5_000

    /// A loop.
    /// - Parameters:
    ///   - clock: milliseconds since 1970.
    ///   - isGone: whether a process of that name ran and runs no more, for certain.
    ///   - show: told every few seconds what waits; zeros from a process that does not lead. Must not block.
    public init(
        store: PostgresLedgerStore, worker: RailWorker, clock: @escaping @Sendable () -> Int64, logger: Logger,
        isGone: @escaping @Sendable (String) -> Bool = { _ in false },
        show: @escaping @Sendable (RailBacklog) -> Void
    ) {
        self.store = store
        self.worker = worker
        self.clock = clock
        self.logger = logger
        self.isGone = isGone
        self.show = show
    }

    /// Works until the task is cancelled. Calls that are under way then come to what they come to; what is not known of
    /// them is asked by the process that leads next.
    public func run() async {
        while !Task.isCancelled {
            var pause = Self.idlePause
            do throws(LedgerFailure) {
                if try await turn() >= RailWorker.passMax { pause = Self.busyPause }
            } catch {
                logger.warning("working on rails failed", metadata: ["reason": "\(error)"])
                pause = Self.failurePause
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// One turn: a pass if this process leads, and a count when it is time.
    /// - Returns: how many lifecycles were due.
    package func turn() async throws(LedgerFailure) -> Int {
        let isLeading = store.isLeading
        if isLeading, !hasLed.load(ordering: .relaxed) { try await worker.takeOver(isGone: isGone) }
        hasLed.store(isLeading, ordering: .relaxed)
        let nowMs = clock()
        if isLeading, lookedAtMs.load(ordering: .relaxed) <= nowMs - Self.lookMs {
            lookedAtMs.store(nowMs, ordering: .relaxed)
            let after = try await worker.payAtOnce(after: lookedUpTo.withLock { $0 })
            lookedUpTo.withLock { $0 = after }
        }
        let due = isLeading ? try await worker.pass() : 0
        if shownAtMs.load(ordering: .relaxed) <= nowMs - Self.showMs {
            shownAtMs.store(nowMs, ordering: .relaxed)
            show(isLeading ? try await store.railBacklog(nowMs: nowMs) : RailBacklog())
        }
        return due
    }
}

/// Writes what the worker reports to the log. The same thing about the same lifecycle is said once in a while, not with
/// every try.
public final class RailLog: Sendable {
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    private let said = Mutex<[String: Int64]>([:])

    /// How long the same is not said again.
    private static let quietMs: Int64 = 600_000
    /// Things remembered; past it all are forgotten, and said again.
    private static let saidMax = 10_000

    /// A log.
    /// - Parameter clock: milliseconds since 1970.
    public init(logger: Logger, clock: @escaping @Sendable () -> Int64) {
        self.logger = logger
        self.clock = clock
    }

    /// Writes a line, unless it was written lately.
    public func write(_ report: RailReport) {
        let nowMs = clock()
        let key = "\(report.id) \(report.kind.rawValue) \(report.status) \(report.reason)"
        let isNew = said.withLock { said in
            if let before = said[key], nowMs - before < Self.quietMs { return false }
            if said.count >= Self.saidMax { said = [:] }
            said[key] = nowMs
            return true
        }
        guard isNew else { return }
        logger.log(
            level: report.kind == .needsAttention ? .error : .warning, "\(Self.sentence(report.kind))",
            metadata: ["id": "\(report.id)", "status": "\(report.status)", "reason": "\(report.reason)"])
    }

    private static func sentence(_ kind: RailReport.Kind) -> String {
        switch kind {
        case .stalled: "a step waits for the ledger"
        case .unavailable: "a rail could not be called; it is tried again"
        case .unknown: "nobody knows what became of a call; the rail is asked again"
        case .refused: "the ledger refused a step"
        case .needsAttention: "money waits for a person"
        }
    }
}
