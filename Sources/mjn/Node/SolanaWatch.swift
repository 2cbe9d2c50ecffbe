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
        /// Transactions that cannot be read.
        var unread: [String] = []
        /// Why the last reading stopped; nil: it read to the end.
        var stopped: String?
        /// When everything was read to its end, or this process began.
        var readAtMs: Int64
    }

    /// Between two readings. What is final takes some 13 seconds anyway.
    private static let pause = Duration.seconds(2)
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

    /// Goes on until the task is cancelled. A reading may take long; looks at the treasury do not wait for it.
    func run() async {
        async let looks: Void = every(Self.lookPause) { await self.look() }
        await every(Self.pause) { if self.store.isLeading { await self.read() } }
        await looks
    }

    private func every(_ pause: Duration, _ body: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            await body()
            try? await Task.sleep(for: pause)
        }
    }

    private func read() async {
        var outcome = SolanaWatcher.Outcome()
        do throws(LedgerFailure) {
            outcome = try await watcher.pass()
        } catch {
            outcome.stopped = "the ledger did not answer: \(error)"
        }
        let nowMs = SystemClock.milliseconds()
        let (before, readAtMs) = state.withLock { state in
            let before = state
            (state.stopped, state.unread) = (outcome.stopped, outcome.unread)
            if outcome.stopped == nil, outcome.unread.isEmpty { state.readAtMs = nowMs }
            return (before, state.readAtMs)
        }
        if let stopped = outcome.stopped, before.stopped == nil {
            logger.warning("what payers sent on Solana is not read", metadata: ["reason": "\(stopped)"])
        }
        for unread in outcome.unread where !before.unread.contains(unread) {
            logger.error("a transaction on Solana cannot be read; it is tried again", metadata: ["reason": "\(unread)"])
        }
        metrics.gauge("mjn_solana_read_age_seconds", "Since when what payers sent was read to its end.").set(
            max(0, nowMs - readAtMs) / 1000)
        metrics.gauge("mjn_solana_unread", "Transactions of the treasury that cannot be read.").set(
            Int64(outcome.unread.count))
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
                state.troubles + (state.stopped.map { ["not read to the end: \($0)"] } ?? [])
                    + state.unread.prefix(1).map { "\(state.unread.count) transactions cannot be read, such as \($0)" }
            }
            if !troubles.isEmpty { throw Problem(.notReady, troubles.joined(separator: "; ")) }
        }
    }
}
