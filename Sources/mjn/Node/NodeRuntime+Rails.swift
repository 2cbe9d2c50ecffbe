import Foundation
import LedgerStore
import Service
import Settlement

extension NodeRuntime {
    /// The work that goes on for lifecycles while this process leads the book, and its gauges.
    /// - Parameter settling: knows manifests and settlements.
    func railWork(
        _ rails: NodeRails, _ store: PostgresLedgerStore, settling: any PaymentSettling,
        makeID: @escaping @Sendable (_ prefix: String) -> String, _ metrics: MetricsRegistry
    ) -> BackgroundWork {
        let log = RailLog(logger: logger, clock: SystemClock.milliseconds)
        return railWork(
            RailWorker(
                ledger: store, rails: rails.on.map { CountedRail($0, metrics) }, settling: settling,
                clock: SystemClock.milliseconds, makeID: makeID, report: { log.write($0) }),
            store, metrics)
    }

    /// The same with a worker that somebody else made.
    func railWork(_ worker: RailWorker, _ store: PostgresLedgerStore, _ metrics: MetricsRegistry) -> BackgroundWork {
        let due = metrics.gauge("mjn_rail_due", "Lifecycles that the node has something to do for now.")
        let age = metrics.gauge("mjn_rail_oldest_due_seconds", "How long the oldest of them has been due.")
        let waiting = ["suspended_payments", "stopped_payouts", "failed_refunds", "open_disputes"].map {
            metrics.gauge("mjn_rail_attention", "What waits for a person.", labels: [("what", $0)])
        }
        let loop = RailLoop(store: store, worker: worker, clock: SystemClock.milliseconds, logger: logger) { backlog in
            due.set(backlog.dueCount)
            age.set(backlog.oldestDueAtMs.map { max(0, SystemClock.milliseconds() - $0) / 1000 } ?? 0)
            let counts = [
                backlog.suspendedPayments, backlog.stoppedPayouts, backlog.failedRefunds, backlog.openDisputes,
            ]
            for (gauge, count) in zip(waiting, counts) { gauge.set(count) }
        }
        return BackgroundWork { await loop.run() }
    }
}
