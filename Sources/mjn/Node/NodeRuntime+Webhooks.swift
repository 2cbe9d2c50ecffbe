import HTTPClient
import Kernel
import LedgerStore
import Outbound
import Pay
import PostgresClient
import Service
import Settlement

extension NodeRuntime {
    /// Outbound webhooks, live, with what was opened for them.
    struct Webhooks: Sendable {
        let outbound: OutboundWebhooks
        let client: HTTPClient
        let pool: PostgresPool

        func close() async {
            await client.shutdown()
            await pool.close()
        }
    }

    /// Connections of the feed and the worker: settlements and reads have their own.
    private static let webhookConnections = 3

    /// Opens webhooks on a connection pool and a client of their own. A service that may call may have endpoints; with
    /// scope `read` it is told of everything.
    func openWebhooks(
        _ store: PostgresLedgerStore, _ callers: CallerCache, _ configuration: PostgresLedgerStore.Configuration,
        _ metrics: MetricsRegistry
    ) throws(CLIFailure) -> Webhooks {
        let allowances = plan.settings.webhookAllowances
        let client: HTTPClient
        do {
            client = try HTTPClient(allowances.clientConfiguration(userAgent: "mjn/\(MJN.version)"))
        } catch {
            throw CLIFailure("\(error)", exitCode: ExitStatus.unavailable)
        }
        let pool = PostgresPool(configuration.database, size: Self.webhookConnections)
        var dependencies = OutboundDependencies(
            pool: pool, bookID: store.book.bookID, bookName: store.book.name, http: client, allowances: allowances,
            access: { did in callers.grant(for: did).map { $0.scopes.contains(.read) ? .all : .own } },
            makeID: { $0 + ULID.text(nowMs: SystemClock.milliseconds()) }, clock: SystemClock.milliseconds,
            metrics: OutboundMetrics(metrics), logger: logger)
        dependencies.isFeeding = { store.isLeading }
        dependencies.isBusy = { store.isBusy }
        return Webhooks(outbound: OutboundWebhooks(dependencies), client: client, pool: pool)
    }
}
