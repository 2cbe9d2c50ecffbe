import Kernel
public import Service

/// What pay counts.
public struct PayMetrics: Sendable {
    private let outcomes: [String: Counter]
    private let otherOutcomes: Counter
    private let replays: Counter
    private let lines: Counter
    private let cacheHits: Counter
    private let cacheMisses: Counter
    private let batches: Counter
    private let commands: Counter
    private let commitTime: Histogram
    private let registry: MetricsRegistry

    /// The code that settled requests are counted under.
    private static let settled = "settled"

    /// Makes the instruments.
    public init(_ registry: MetricsRegistry) {
        self.registry = registry
        let name = "mjn_pay_settlements_total"
        let help = "Answered settlement requests by code; replays are counted apart."
        let codes = [Self.settled] + ProblemCode.ofSettling.map(\.code) + [ProblemCode.batchAborted.code]
        outcomes = Dictionary(
            codes.map { ($0, registry.counter(name, help, labels: [("code", $0)])) }, uniquingKeysWith: { $1 })
        otherOutcomes = registry.counter(name, help, labels: [("code", "other")])
        replays = registry.counter(
            "mjn_pay_replays_total", "Requests that got the answer of an earlier one with the same key.")
        lines = registry.counter("mjn_pay_split_lines_total", "Lines of settled splits.")
        let lookUps = "mjn_pay_manifest_lookups_total"
        let lookUpsHelp = "Manifests of settlement requests, by whether they had been verified before."
        cacheHits = registry.counter(lookUps, lookUpsHelp, labels: [("result", "hit")])
        cacheMisses = registry.counter(lookUps, lookUpsHelp, labels: [("result", "miss")])
        batches = registry.counter("mjn_pay_commits_total", "Transactions of the book's writer.")
        commands = registry.counter("mjn_pay_committed_entries_total", "Entries that they wrote.")
        commitTime = registry.histogram("mjn_pay_commit_seconds", "How long a transaction of the book's writer took.")
    }

    /// Counts a transaction of the book's writer; for the observer of the poster.
    public func committed(entries: Int, microseconds: Int64) {
        batches.increment()
        commands.increment(by: Int64(entries))
        commitTime.observe(microseconds: microseconds)
    }

    /// Shows how many submissions wait for the book's writer. Once per registry.
    public func showQueueDepth(_ read: @escaping @Sendable () -> Int64) {
        registry.gauge("mjn_pay_queue_depth", "Submissions that wait for the book's writer.", read: read)
    }

    /// Shows whether this process writes the book: 1 or 0. Once per registry.
    public func showIsWriter(_ read: @escaping @Sendable () -> Bool) {
        registry.gauge("mjn_pay_is_writer", "Whether this process writes the book.") { read() ? 1 : 0 }
    }

    /// Shows how many DIDs two chains claim, and whether the copy of identities is fresh. Once per registry.
    public func showIdentities(
        conflicts: @escaping @Sendable () -> Int64, broken: @escaping @Sendable () -> Int64,
        skipped: @escaping @Sendable () -> Int64, isFresh: @escaping @Sendable () -> Bool,
        ageSeconds: @escaping @Sendable () -> Int64?
    ) {
        registry.gauge(
            "mjn_pay_identity_conflicts", "DIDs that two identity chains claim.", read: conflicts)
        registry.gauge(
            "mjn_pay_identities_broken",
            "Identity chains with an operation that does not follow; nobody signs for them.",
            read: broken)
        registry.gauge(
            "mjn_pay_identity_entries_skipped", "Entries of the relay's log that this process passed over.",
            read: skipped)
        registry.gauge(
            "mjn_pay_identities_fresh", "Whether the copy of identities is in step with the relay: 1 or 0."
        ) { isFresh() ? 1 : 0 }
        registry.gauge(
            "mjn_pay_identities_age_seconds",
            "How old the copy of identities is; -1 while it was never complete."
        ) { ageSeconds() ?? -1 }
    }

    func lookedUp(isHit: Bool) { isHit ? cacheHits.increment() : cacheMisses.increment() }

    func answered(_ decision: Decision, lineCount: Int) {
        guard case .decided(let outcome) = decision else {
            replays.increment()
            return
        }
        answered(code: outcome.code)
        if outcome.isDone { lines.increment(by: Int64(lineCount)) }
    }

    func answered(code: String?) {
        (outcomes[code ?? Self.settled] ?? otherOutcomes).increment()
    }
}
