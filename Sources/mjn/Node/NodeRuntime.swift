import Cryptography
import Foundation
import Kernel
import LedgerMigrations
import LedgerStore
import Logging
import Pay
import PostgresClient
import Registry
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
        /// The chain that runs with the node; nil: none does.
        var localSolana: LocalSolana?
    }

    /// What a script needs to know once it serves.
    struct Ready: Sendable {
        let databaseURL: String
        let services: [(name: String, url: String)]
        /// The node's own key; nil where no service needs it.
        let node: (did: DID, keyPath: String)?
        let serviceKeyPath: String?
        /// The chain that runs with the node; nil: none does.
        let solana: LocalSolana?
    }

    /// A service, live, with what goes on beside it.
    struct Part: Sendable {
        let http: HTTPService
        let background: [BackgroundWork]
        /// Waits, with a bound, for what should be there before it is said that the service serves.
        var settle: @Sendable () async -> Void = {}
        /// Closes everything that was opened for it.
        let close: @Sendable () async -> Void
    }

    /// The name of the service that a development node makes.
    static let developmentService = "development"

    /// The services that this node has.
    static let available = ["registry", "pay"]

    /// The service that has the book.
    static let ledgerService = "pay"

    let plan: Plan
    let logger: Logger
    /// The threads of all services' connections.
    let threads: ServiceThreads

    init(plan: Plan, logger: Logger) {
        self.plan = plan
        self.logger = logger
        threads = ServiceThreads(count: plan.settings.threads)
    }

    /// Serves until the process is told to stop; then finishes what is in flight and closes everything, last opened
    /// first.
    func run(onReady: @escaping @Sendable (Ready) -> Void) async throws {
        let needsNodeKey = plan.services.contains(Self.ledgerService)
        let existing = try plan.isDevelopment || !needsNodeKey ? nil : NodeKeys.existing(plan.dataDirectory)
        let database = try await NodeDatabase.open(plan.settings, dataDirectory: plan.dataDirectory) { [logger] in
            logger.notice("\($0)")
        }
        let result: Result<Void, any Error>
        do {
            if !EarlyStop.isAsked {
                try await Self.migrate(database.configuration)
                // Before keys are made: nothing is left in a production node's folder.
                if plan.isDevelopment { try await refuseProduction(database) }
                let keys = try plan.isDevelopment ? NodeKeys.development(plan.dataDirectory) : existing
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
        let isDevelopment: Result<Bool?, LedgerFailure>
        do throws(LedgerFailure) {
            isDevelopment = .success(try await PostgresLedgerStore.isDevelopment(BookNumbers.main, in: pool))
        } catch {
            isDevelopment = .failure(error)
        }
        await pool.close()
        guard try isDevelopment.get() ?? true else {
            throw CLIFailure(
                "this database holds a production book", fix: "serve it with: mjn serve --service pay",
                exitCode: ExitStatus.notPermitted)
        }
    }

    /// The schemas of all services, with their histories.
    static let schemas: [(schema: String, migrations: [Migration])] = [
        (LedgerMigrations.schema, LedgerMigrations.all), (RegistryMigrations.schema, RegistryMigrations.all),
    ]

    /// Applies what is missing of every schema.
    @discardableResult
    static func migrate(
        _ configuration: PostgresConfiguration
    ) async throws -> [(schema: String, migration: Migration)] {
        do {
            return try await DedicatedThread.run(name: "migrate") {
                let connection = try Connection.connect(configuration)
                defer { connection.close() }
                return try schemas.flatMap { schema, migrations in
                    try Migrator(schema: schema, migrations: migrations).apply(on: connection)
                        .map { (schema: schema, migration: $0) }
                }
            }
        } catch let error as MigrationError {
            throw CLIFailure(error.message, fix: error.fix, exitCode: ExitStatus.failed)
        } catch let error as PostgresError {
            throw CLIFailure(
                "the database does not answer: \(error.message)", fix: "check it with: mjn doctor",
                exitCode: ExitStatus.unavailable)
        }
    }

    /// Opens the services, runs them, and closes them, last opened first.
    private func serve(
        _ keys: NodeKeys?, _ database: NodeDatabase, onReady: @escaping @Sendable (Ready) -> Void
    ) async throws {
        let metrics = MetricsRegistry()
        var parts: [Part] = []
        let result: Result<Void, any Error>
        do {
            for service in Self.available where plan.services.contains(service) {
                switch service {
                case Self.ledgerService:
                    guard let keys else { preconditionFailure("pay is opened with the node's keys") }
                    parts.append(try await openPay(keys, database, metrics))
                default: parts.append(try await openRegistry(database, metrics))
                }
            }
            result = .success(try await run(parts, keys, database, onReady: onReady))
        } catch {
            result = .failure(error)
        }
        for part in parts.reversed() { await part.close() }
        try result.get()
    }

    func storeConfiguration(
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
    func allowDevelopmentService(_ keys: NodeKeys, _ store: PostgresLedgerStore) async throws {
        try await store.allow(
            CallerGrant(
                did: try keys.serviceDID(), name: Self.developmentService, scopes: Set(Scope.allCases), spendsFrom: .any
            ))
    }
}
