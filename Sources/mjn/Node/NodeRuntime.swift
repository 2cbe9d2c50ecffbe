import Cryptography
import Foundation
import Kernel
import LedgerMigrations
import LedgerStore
import Logging
import Pay
import PostgresClient
import Service
import ServiceLifecycle
import Settlement
import Synchronization

/// A running node: the one place where the live parts are put together.
struct NodeRuntime: Sendable {
    /// How it was started.
    struct Plan: Sendable {
        let settings: NodeSettings
        let dataDirectory: String
        let portOffset: Int
        /// Development: keys are made, a service may spend any balance, balances can be invented.
        let isDevelopment: Bool
        let services: [String]
    }

    /// What a script needs to know once it serves.
    struct Ready: Sendable {
        let databaseURL: String
        let services: [(name: String, url: String)]
        let nodeDID: DID
        let nodeKeyPath: String
        let serviceKeyPath: String?
    }

    /// The name of the service that a development node makes.
    static let developmentService = "development"

    /// The services that this node has.
    static let available = ["pay"]

    let plan: Plan
    let logger: Logger

    /// Serves until the process is told to stop; then finishes what is in flight and closes everything, last opened
    /// first.
    func run(onReady: @escaping @Sendable (Ready) -> Void) async throws {
        let existing = try plan.isDevelopment ? nil : NodeKeys.existing(plan.dataDirectory)
        let database = try await NodeDatabase.open(plan.settings, dataDirectory: plan.dataDirectory) { [logger] in
            logger.notice("\($0)")
        }
        let result: Result<Void, any Error>
        do {
            if !EarlyStop.isAsked {
                try await Self.migrate(database.configuration)
                // Before keys are made: nothing is left in a production node's folder.
                if plan.isDevelopment { try await refuseProduction(database) }
                let keys = try existing ?? NodeKeys.development(plan.dataDirectory)
                try await serve(keys, database, onReady: onReady)
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await database.close()
        do {
            try result.get()
        } catch let failure as LedgerFailure {
            throw CLIFailure(failure)
        } catch let error as ServiceListenError {
            throw CLIFailure(
                error.description,
                fix: error.isTaken
                    ? "stop what listens there, or choose other ports with --port-offset N"
                    : "choose another address with MJN_HOST, or other ports with --port-offset N",
                exitCode: ExitStatus.unavailable)
        }
    }

    private func refuseProduction(_ database: NodeDatabase) async throws {
        let pool = PostgresPool(PostgresLedgerStore.Configuration.inSchema(database.configuration), size: 1)
        let isDevelopment = try await PostgresLedgerStore.isDevelopment(BookNumbers.main, in: pool)
        await pool.close()
        guard isDevelopment ?? true else {
            throw CLIFailure(
                "this database holds a production book", fix: "serve it with: mjn serve --service pay",
                exitCode: ExitStatus.notPermitted)
        }
    }

    /// Applies what is missing of the ledger's schema.
    @discardableResult
    static func migrate(_ configuration: PostgresConfiguration) async throws -> [Migration] {
        do {
            return try await DedicatedThread.run(name: "migrate") {
                let connection = try Connection.connect(configuration)
                defer { connection.close() }
                return try Migrator(schema: LedgerMigrations.schema, migrations: LedgerMigrations.all)
                    .apply(on: connection)
            }
        } catch let error as MigrationError {
            throw CLIFailure(error.message, fix: error.fix, exitCode: ExitStatus.failed)
        } catch let error as PostgresError {
            throw CLIFailure(
                "the database does not answer: \(error.message)", fix: "check it with: mjn doctor",
                exitCode: ExitStatus.unavailable)
        }
    }

    private func serve(
        _ keys: NodeKeys, _ database: NodeDatabase, onReady: @escaping @Sendable (Ready) -> Void
    ) async throws {
        let metrics = MetricsRegistry()
        let payMetrics = PayMetrics(metrics)
        let configuration = storeConfiguration(keys, database, payMetrics)
        let pool = PostgresPool(configuration.database, size: plan.settings.poolSize)
        let store = try await PostgresLedgerStore(configuration, pool: pool)
        payMetrics.showQueueDepth { Int64(store.queueDepth) }
        payMetrics.showIsWriter { store.isLeading }
        let result: Result<Void, any Error>
        do {
            if !plan.isDevelopment, store.isDevelopment {
                logger.warning("this is a development book: balances can be invented; its service is not let in here")
            }
            if plan.isDevelopment { try await allowDevelopmentService(keys, store) }
            let pay = try await makePay(keys, store, configuration, metrics, payMetrics)
            result = .success(try await run(pay, keys, store, database, onReady: onReady))
        } catch {
            result = .failure(error)
        }
        await store.close()
        await pool.close()
        try result.get()
    }

    private func storeConfiguration(
        _ keys: NodeKeys, _ database: NodeDatabase, _ metrics: PayMetrics
    ) -> PostgresLedgerStore.Configuration {
        var configuration = PostgresLedgerStore.Configuration(
            database: database.configuration,
            book: BookIdentity(bookID: BookNumbers.main, name: BookNumbers.mainName, node: keys.nodeDID),
            holder: ProcessName.make(), clock: SystemClock.milliseconds, logger: logger)
        configuration.isDevelopment = plan.isDevelopment
        configuration.limits.commandsMax = plan.settings.batchMax
        configuration.leaseMs = plan.settings.leaseMs
        configuration.isHolderGone = ProcessName.isGone
        configuration.observer = PosterObserver { commit, microseconds in
            metrics.committed(entries: commit.writes.entries.count, microseconds: microseconds)
        }
        return configuration
    }

    /// The development service may do everything, and spend any balance.
    private func allowDevelopmentService(_ keys: NodeKeys, _ store: PostgresLedgerStore) async throws {
        try await store.allow(
            CallerGrant(
                did: try keys.serviceDID(), name: Self.developmentService, scopes: Set(Scope.allCases), spendsFrom: .any
            ))
    }
}
