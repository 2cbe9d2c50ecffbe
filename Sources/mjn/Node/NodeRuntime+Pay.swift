import Cryptography
import Foundation
import Kernel
import LedgerStore
import Logging
import Pay
import PostgresClient
import Service
import ServiceLifecycle
import Settlement
import UnixSignals

extension NodeRuntime {
    /// Pay's parts, live.
    struct PayParts: Sendable {
        let http: HTTPService
        let callers: CallerCache
        let identities: Identities
    }

    func makePay(
        _ keys: NodeKeys, _ store: PostgresLedgerStore, _ configuration: PostgresLedgerStore.Configuration,
        _ metrics: MetricsRegistry, _ payMetrics: PayMetrics
    ) async throws -> PayParts {
        let sessions = SessionKeyStore(persistence: Self.persistence(store))
        // Production settings honour no development key, even on a development book.
        let isDevelopment = plan.isDevelopment
        let callers = try await CallerCache(
            configuration, store: store,
            isInForce: { isDevelopment || !store.isDevelopment || $0.name != Self.developmentService },
            onRevoked: { sessions.evict($0) })
        let rules = PayRules(
            allowances: { payer, service async throws(LedgerFailure) in
                try await store.allowances(of: payer, for: service)
            },
            setGasPreferences: { recipient, standings, perDayMax async throws(LedgerFailure) in
                try await store.setGasPreferences(of: recipient, standings: standings, perDayMax: perDayMax)
            },
            setGasCluster: { sender, founder async throws(LedgerFailure) in
                try await store.setGasCluster(of: sender, founder: founder)
            })
        var dependencies = PayDependencies(
            store: store, callers: callers, rules: rules, fees: try plan.settings.feeSchedule(node: keys.nodeDID),
            metrics: payMetrics)
        dependencies.sessions = sessions
        dependencies.gasBasesMinor = plan.settings.gasBasesMinor
        dependencies.platform = plan.settings.platforms.isEmpty ? .ifPresent : .required(by: plan.settings.platforms)
        var opened: Identities?
        do {
            let identities = try await openIdentities(keys, store, callers, sessions, dependencies.manifests)
            opened = identities
            payMetrics.showIdentities(
                conflicts: { identities.sync.conflictsCount }, isFresh: { identities.directory.isFresh })
            dependencies.keys = identities.directory
            let pay = try PayService(dependencies)
            let policy = identities.directory.signaturePolicy(
                origins: try PublicOrigins(plan.settings.origins, allowLoopback: plan.isDevelopment),
                sessions: sessions)
            return PayParts(
                http: try httpService("pay", pay.routes, policy, store, metrics), callers: callers,
                identities: identities)
        } catch {
            await opened?.close()
            await callers.close()
            throw error is CLIFailure ? error : CLIFailure("\(error)", exitCode: ExitStatus.usage)
        }
    }

    private func httpService(
        _ name: String, _ routes: [Route], _ policy: SignaturePolicy, _ store: PostgresLedgerStore,
        _ metrics: MetricsRegistry
    ) throws -> HTTPService {
        guard let port = ServicePorts.port(of: name, offset: plan.portOffset) else {
            throw CLIFailure("--port-offset \(plan.portOffset) leaves no port", exitCode: ExitStatus.usage)
        }
        var configuration = ServiceConfiguration(logger: logger)
        configuration.version = MJN.version
        configuration.signatures = policy
        configuration.metrics = metrics
        configuration.threads = ServiceThreads(count: plan.settings.threads)
        configuration.checks = [
            ReadinessCheck("database") {
                do { _ = try await store.balances(of: store.book.node) } catch {
                    throw Problem(.notReady, "the database does not answer")
                }
            }
        ]
        return try HTTPService(
            name: name, host: plan.settings.host, port: port, routes: routes, configuration: configuration)
    }

    private static func persistence(_ store: PostgresLedgerStore) -> SessionKeyPersistence {
        SessionKeyPersistence(
            save: { key, caller in
                let isFirst = try await store.save(
                    StoredSessionKey(
                        keyID: key.keyID, did: key.did, signer: key.signer.key, secret: key.secret,
                        expiresAtMs: key.expiresAt),
                    nonce: caller.nonce, nowMs: SystemClock.milliseconds())
                guard isFirst else { throw Problem(.signatureReplayed) }
            },
            load: { keyID in
                guard let stored = try await store.sessionKey(keyID),
                    let key = stored.signer ?? stored.did.publicKey
                else { return nil }
                return SessionKey(
                    keyID: stored.keyID, signer: SessionSigner(did: stored.did, key: key), secret: stored.secret,
                    expiresAt: stored.expiresAtMs)
            },
            revoke: { did, kept in try await store.revokeSessionKeys(of: did, keeping: kept) })
    }

    /// Runs everything until SIGTERM or SIGINT.
    func run(
        _ pay: PayParts, _ keys: NodeKeys, _ store: PostgresLedgerStore, _ database: NodeDatabase,
        onReady: @escaping @Sendable (Ready) -> Void
    ) async throws {
        let outbox = OutboxWorker(store: store, key: keys.node, logger: logger)
        let housekeeper = Housekeeper(store: store, clock: SystemClock.milliseconds, logger: logger)
        let host = plan.settings.host
        let ready = BackgroundWork {
            guard let port = try? await pay.http.boundPort() else { return }
            // Known before the first request: a relay that does not answer is said in the log, and waited for no more.
            await pay.identities.sync.waitUntilFresh(seconds: Self.freshWaitSeconds)
            onReady(
                Ready(
                    databaseURL: database.url, services: [("pay", "http://\(host):\(port)")],
                    nodeDID: keys.nodeDID, nodeKeyPath: keys.nodePath,
                    serviceKeyPath: plan.isDevelopment ? keys.servicePath : nil))
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: BackgroundWork { await outbox.run() }),
                    .init(service: BackgroundWork { await housekeeper.run() }),
                    .init(service: BackgroundWork { await pay.identities.sync.run() }),
                    .init(service: ready),
                    .init(service: pay.http),
                ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quietLogger()))
        let result: Result<Void, any Error>
        do { result = .success(EarlyStop.isAsked ? () : try await group.run()) } catch { result = .failure(error) }
        await pay.identities.close()
        await pay.callers.close()
        try result.get()
    }
}

/// Work that goes on until the node stops.
struct BackgroundWork: ServiceLifecycle.Service {
    let body: @Sendable () async -> Void

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await body() }
                group.addTask { try? await gracefulShutdown() }
                // The work may end by itself; the service ends with the node.
                await group.next()
                if !Task.isShuttingDownGracefully { await group.next() }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
        }
    }
}
