import Kernel
import LedgerStore
import Logging
import Service
import Settlement
import Solana
import Synchronization

/// Reads on what payers did on the chain while this process leads the book, and looks at the treasury.
final class SolanaWatch: Sendable {
    private let rail: SolanaRail
    private let store: PostgresLedgerStore
    private let watcher: SolanaWatcher
    private let logger: Logger
    private let metrics: MetricsRegistry
    private let state: Mutex<State>

    private struct State {
        /// What an operator should mend at the treasury.
        var troubles: [String] = []
        /// The last reading of what reached the node's wallets.
        var wallets = SolanaWatcher.Outcome()
        /// The last look at direct payments.
        var direct = SolanaWatcher.Outcome()
        /// The last look at what the node makes for payees.
        var openings = SolanaWatcher.Outcome()
        /// When everything was read to its end, or this process began.
        var readAtMs: Int64
    }

    /// Between two readings. What is final takes some 13 seconds anyway.
    private static let pause = Duration.seconds(2)
    /// Between two looks at what the node makes on the chain.
    private static let followPause = Duration.seconds(5)
    /// Between two looks at the treasury.
    private static let lookPause = Duration.seconds(30)

    init(
        _ rail: SolanaRail, _ store: PostgresLedgerStore, _ worker: RailWorker, _ metrics: MetricsRegistry,
        _ logger: Logger
    ) {
        self.rail = rail
        self.store = store
        self.metrics = metrics
        self.logger = logger
        state = Mutex(State(readAtMs: SystemClock.milliseconds()))
        watcher = SolanaWatcher(
            rail: rail, ledger: store, worker: worker, positions: store, clock: SystemClock.milliseconds)
    }

    /// Goes on until the task is cancelled. A reading may take long; nothing else waits for it.
    func run() async {
        async let looks: Void = every(Self.lookPause) { await self.look() }
        async let follows: Void = every(Self.followPause) { if self.store.isLeading { await self.follow() } }
        async let direct: Void = every(Self.pause) { if self.store.isLeading { await self.readDirect() } }
        await every(Self.pause) { if self.store.isLeading { await self.read() } }
        await looks
        await follows
        await direct
    }

    private func every(_ pause: Duration, _ body: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            await body()
            try? await Task.sleep(for: pause)
        }
    }

    private func read() async {
        let outcome = await pass(\.wallets, stopped: "what payers sent on Solana is not read") {
            [watcher] () async throws(LedgerFailure) in try await watcher.wallets()
        }
        let nowMs = SystemClock.milliseconds()
        let readAtMs = state.withLock { state in
            if outcome.stopped == nil, outcome.unread.isEmpty { state.readAtMs = nowMs }
            return state.readAtMs
        }
        metrics.gauge("mjn_solana_read_age_seconds", "Since when what payers sent was read to its end.").set(
            max(0, nowMs - readAtMs) / 1000)
        metrics.gauge("mjn_solana_unread", "Transactions of the treasury that cannot be read.").set(
            Int64(outcome.unread.count))
    }

    private func readDirect() async {
        _ = await pass(\.direct, stopped: "direct payments on Solana are not read") {
            [watcher] () async throws(LedgerFailure) in try await watcher.directPayments()
        }
    }

    private func follow() async {
        let outcome = await pass(\.openings, stopped: "what the node makes on Solana is not followed") {
            [watcher] () async throws(LedgerFailure) in try await watcher.openings()
        }
        metrics.gauge("mjn_solana_unfollowed", "Transactions of the node's own whose end nobody knows.").set(
            Int64(outcome.unread.count))
    }

    /// One look: what it came to is kept, and what was not so the last time is logged.
    /// - Parameter stopped: what it means that the look did not come to its end.
    private func pass(
        _ part: any WritableKeyPath<State, SolanaWatcher.Outcome> & Sendable, stopped: Logger.Message,
        _ look: () async throws(LedgerFailure) -> SolanaWatcher.Outcome
    ) async -> SolanaWatcher.Outcome {
        var outcome = SolanaWatcher.Outcome()
        do throws(LedgerFailure) {
            outcome = try await look()
        } catch {
            outcome.stopped = "the ledger did not answer: \(error)"
        }
        let before = state.withLock { [outcome] state in
            defer { state[keyPath: part] = outcome }
            return state[keyPath: part]
        }
        if let reason = outcome.stopped, before.stopped != reason {
            logger.warning(stopped, metadata: ["reason": "\(reason)"])
        }
        for unread in outcome.unread where !before.unread.contains(unread) {
            logger.error("a transaction on Solana cannot be read; it is tried again", metadata: ["reason": "\(unread)"])
        }
        return outcome
    }

    private func look() async {
        var troubles: [String] = []
        do throws(RailListFailure) {
            let treasury = try await rail.treasury()
            troubles = treasury.troubles
            metrics.gauge("mjn_solana_fee_lamports", "What the treasury has for fees.").set(treasury.lamports)
            for holding in treasury.holdings {
                metrics.gauge(
                    "mjn_solana_treasury", "What the treasury has, base units.",
                    labels: [("currency", holding.currency)]
                ).set(holding.amountMinor)
            }
        } catch {
            troubles = ["no node answers: \(error.reason)"]
        }
        state.withLock { $0.troubles = troubles }
    }

    /// Not essential: everything else goes on.
    var readiness: ReadinessCheck {
        ReadinessCheck("rail solana", isEssential: false) { [self] in
            let troubles = state.withLock { state in
                let unread = state.wallets.unread + state.openings.unread
                return state.troubles
                    + [state.wallets, state.direct, state.openings].compactMap(\.stopped).map {
                        "not read to the end: \($0)"
                    }
                    + unread.prefix(1).map { "\(unread.count) transactions cannot be read, such as \($0)" }
            }
            if !troubles.isEmpty { throw Problem(.notReady, troubles.joined(separator: "; ")) }
        }
    }
}
