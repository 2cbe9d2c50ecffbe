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
    private let state = Mutex(State())

    private struct State {
        /// What an operator should mend at the treasury.
        var troubles: [String] = []
        /// Why the last reading stopped; nil: it read to the end.
        var stopped: String?
        var readAtMs: Int64?
        var lookedAtMs = Int64.min
    }

    /// Between two readings. What is final takes some 13 seconds anyway.
    private static let pause = Duration.seconds(2)
    /// Between two looks at the treasury.
    private static let lookMs: Int64 = 30_000

    init(
        _ rail: SolanaRail, _ store: PostgresLedgerStore, _ worker: RailWorker, _ metrics: MetricsRegistry,
        _ logger: Logger
    ) {
        self.rail = rail
        self.store = store
        self.metrics = metrics
        self.logger = logger
        watcher = SolanaWatcher(
            rail: rail, ledger: store, worker: worker, positions: store, clock: SystemClock.milliseconds)
    }

    /// Goes on until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            if store.isLeading { await read() }
            if state.withLock({ $0.lookedAtMs }) <= SystemClock.milliseconds() - Self.lookMs { await look() }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func read() async {
        var stopped: String?
        do throws(LedgerFailure) {
            stopped = try await watcher.pass().stopped
        } catch {
            stopped = "the ledger did not answer: \(error)"
        }
        let nowMs = SystemClock.milliseconds()
        let before = state.withLock { state in
            let before = state.stopped
            state.stopped = stopped
            if stopped == nil { state.readAtMs = nowMs }
            return before
        }
        if let stopped, before == nil {
            logger.warning("what payers sent on Solana is not read", metadata: ["reason": "\(stopped)"])
        }
        metrics.gauge("mjn_solana_read_age_seconds", "Since when what payers sent was read to its end.").set(
            state.withLock { $0.readAtMs }.map { max(0, nowMs - $0) / 1000 } ?? 0)
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
        state.withLock { state in
            state.troubles = troubles
            state.lookedAtMs = SystemClock.milliseconds()
        }
    }

    /// Not essential: everything else goes on.
    var readiness: ReadinessCheck {
        ReadinessCheck("rail solana", isEssential: false) { [self] in
            let troubles = state.withLock { $0.troubles + ($0.stopped.map { ["not read to the end: \($0)"] } ?? []) }
            if !troubles.isEmpty { throw Problem(.notReady, troubles.joined(separator: "; ")) }
        }
    }
}
