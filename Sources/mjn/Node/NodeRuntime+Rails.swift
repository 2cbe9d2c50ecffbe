import Foundation
import Kernel
import LedgerStore
import Pay
import PostgresClient
import Service
import Settlement
import Stripe

extension NodeRuntime {
    /// What pay needs of the rails. There is a desk even where every rail is off: payments of before are told by it.
    func railDesk(
        _ rails: NodeRails, _ keys: NodeKeys, _ store: PostgresLedgerStore, _ pool: PostgresPool,
        _ metrics: MetricsRegistry
    ) throws -> RailDesk {
        let settings = plan.settings.rails
        var desk = RailDesk(
            node: keys.nodeDID, rails: rails.on.map { CountedRail($0, metrics) },
            returnOrigins: try ReturnOrigins(settings.returnOrigins, allowLoopback: plan.isDevelopment),
            clock: SystemClock.milliseconds)
        desk.off = rails.off
        desk.process = ProcessName.make()
        desk.feeBearer = settings.feeBearer
        desk.surcharges = try settings.surcharges.mapValues {
            try RailSurcharge(bps: $0.bps, fixedMinor: $0.fixedMinor)
        }
        let log = RailLog(logger: logger, clock: SystemClock.milliseconds)
        desk.report = { log.write($0) }
        if let solana = rails.solana { desk.payerTransactions[.solana] = solana.rail }
        desk.label = settings.solana.label
        if let stripe = rails.stripe {
            desk.onboarding = PayeeOnboarding(
                StripeConnect(
                    client: stripe.client, store: StripeAccounts(pool: pool, bookID: store.book.bookID),
                    nowMs: SystemClock.milliseconds,
                    newKey: { "link-" + ULID.text(nowMs: SystemClock.milliseconds()) }))
        }
        return desk
    }

    /// What goes on for rails: lifecycles that are due, while this process leads the book, Stripe's events,
    /// and what payers did on Solana.
    func railWork(_ pay: PayParts, _ store: PostgresLedgerStore, _ metrics: MetricsRegistry) -> [BackgroundWork] {
        guard let worker = pay.worker else { return [] }
        let stripe = pay.rails.stripe.map { inboundWork(pay.inbound, $0, worker) } ?? []
        let solana = pay.solana.map { watch in [BackgroundWork { await watch.run() }] } ?? []
        return [railWork(worker, store, metrics)] + stripe + solana
    }

    /// The work that goes on for lifecycles while this process leads the book, and its gauges.
    private func railWork(
        _ worker: RailWorker, _ store: PostgresLedgerStore, _ metrics: MetricsRegistry
    ) -> BackgroundWork {
        let due = metrics.gauge("mjn_rail_due", "Lifecycles that the node has something to do for now.")
        let age = metrics.gauge("mjn_rail_oldest_due_seconds", "How long the oldest of them has been due.")
        let waiting = ["suspended_payments", "stopped_payouts", "failed_refunds", "open_disputes"].map {
            metrics.gauge("mjn_rail_attention", "What waits for a person.", labels: [("what", $0)])
        }
        let loop = RailLoop(
            store: store, worker: worker, clock: SystemClock.milliseconds, logger: logger, isGone: ProcessName.isGone
        ) { backlog in
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
