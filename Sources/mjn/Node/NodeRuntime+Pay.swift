import Cryptography
import Foundation
import Kernel
import LedgerStore
import Logging
import Outbound
import Pay
import PostgresClient
import Service
import ServiceLifecycle
import Settlement
import UnixSignals

extension NodeRuntime {
    /// Opens the book and pay on it.
    func openPay(_ keys: NodeKeys, _ database: NodeDatabase, _ metrics: MetricsRegistry) async throws -> Part {
        let payMetrics = PayMetrics(metrics)
        let configuration = storeConfiguration(keys, database, payMetrics)
        let pool = PostgresPool(configuration.database, size: plan.settings.poolSize)
        let store = try await PostgresLedgerStore(configuration, pool: pool)
        payMetrics.showQueueDepth { Int64(store.queueDepth) }
        payMetrics.showIsWriter { store.isLeading }
        do {
            if !plan.isDevelopment, store.isDevelopment {
                logger.warning("this is a development book: balances can be invented; its service is not let in here")
            }
            if plan.isDevelopment { try await allowDevelopmentService(keys, store) }
            let pay = try await makePay(keys, store, configuration, metrics, payMetrics)
            let outbox = OutboxWorker(store: store, key: keys.node, logger: logger)
            let housekeeper = Housekeeper(store: store, clock: SystemClock.milliseconds, logger: logger)
            return Part(
                http: pay.http,
                background: [
                    BackgroundWork { await outbox.run() }, BackgroundWork { await housekeeper.run() },
                    BackgroundWork { await pay.identities.sync.run() },
                    BackgroundWork { await pay.webhooks.outbound.run() },
                ] + railWork(pay, store, metrics),
                // A relay that does not answer is said in the log, and waited for no more.
                settle: { await pay.identities.sync.waitUntilFresh(seconds: Self.freshWaitSeconds) }
            ) {
                await pay.webhooks.close()
                await pay.inbound.close()
                await pay.identities.close()
                await pay.callers.close()
                await pay.rails.close()
                await store.close()
                await pool.close()
            }
        } catch {
            await store.close()
            await pool.close()
            throw error
        }
    }

    /// Pay's parts, live.
    struct PayParts: Sendable {
        let http: HTTPService
        let callers: CallerCache
        let identities: Identities
        let webhooks: Webhooks
        let rails: NodeRails
        let worker: RailWorker?
        let inbound: InboundWebhooks
        let solana: SolanaWatch?
    }

    private func makePay(
        _ keys: NodeKeys, _ store: PostgresLedgerStore, _ configuration: PostgresLedgerStore.Configuration,
        _ metrics: MetricsRegistry, _ payMetrics: PayMetrics
    ) async throws -> PayParts {
        let rails = try await NodeRails.open(plan.settings.rails, store: store, payOrigin: try payOrigin)
        if let solana = rails.solana { try await Self.pinSolana(solana, store) }
        try await plan.localSolana?.fund(from: store)
        let sessions = SessionKeyStore(persistence: Self.persistence(store))
        // Production settings honour no development key, even on a development book.
        let isDevelopment = plan.isDevelopment
        let callers = try await CallerCache(
            configuration, store: store,
            isInForce: { isDevelopment || !store.isDevelopment || $0.name != Self.developmentService },
            onRevoked: { sessions.evict($0) })
        var dependencies = PayDependencies(
            store: store, callers: callers, rules: Self.rules(store),
            fees: try plan.settings.feeSchedule(node: keys.nodeDID),
            metrics: payMetrics)
        dependencies.sessions = sessions
        dependencies.gasBasesMinor = plan.settings.gasBasesMinor
        dependencies.platform = plan.settings.platforms.isEmpty ? .ifPresent : .required(by: plan.settings.platforms)
        let webhooks = try openWebhooks(store, callers, configuration, metrics)
        let inbound = openInbox(plan.settings.rails.stripe, store, configuration, metrics)
        dependencies.rails = try railDesk(rails, keys, store, inbound.pool, metrics)
        dependencies.payeeDelayMs = Int64(plan.settings.rails.payeeChangeHours) * 3_600_000
        var opened: Identities?
        do {
            let identities = try await openIdentities(keys, store, callers, sessions, dependencies.manifests)
            opened = identities
            payMetrics.showIdentities(
                conflicts: { identities.sync.conflictsCount }, broken: { identities.sync.brokenCount },
                skipped: { identities.sync.skippedCount }, isFresh: { identities.directory.isFresh },
                ageSeconds: { identities.sync.ageSeconds })
            dependencies.keys = identities.directory
            dependencies.rails?.payoutStanding = { did async throws(LedgerFailure) in
                try await identities.directory.payoutStanding(of: did)
            }
            let pay = try PayService(dependencies)
            let policy = identities.directory.signaturePolicy(
                origins: try PublicOrigins(plan.settings.origins, allowLoopback: plan.isDevelopment),
                sessions: sessions)
            var solana: SolanaWatch?
            if let rail = rails.solana?.rail, let worker = pay.worker {
                solana = SolanaWatch(rail, store, worker, metrics, logger)
            }
            var configuration = serviceConfiguration(metrics)
            configuration.signatures = policy
            configuration.checks =
                checks(store, webhooks.outbound, inbound.figures, identities.sync)
                + rails.readiness(solana: solana)
            return PayParts(
                http: try HTTPService(
                    name: "pay", host: plan.settings.host, port: try port(of: "pay"),
                    routes: pay.routes + inbound.routes + webhooks.outbound.routes, configuration: configuration),
                callers: callers, identities: identities, webhooks: webhooks, rails: rails, worker: pay.worker,
                inbound: inbound, solana: solana)
        } catch {
            await opened?.close()
            await webhooks.close()
            await inbound.close()
            await callers.close()
            await rails.close()
            throw error is CLIFailure ? error : CLIFailure("\(error)", exitCode: ExitStatus.usage)
        }
    }

    private static func rules(_ store: PostgresLedgerStore) -> PayRules {
        PayRules(
            allowances: { payer, service async throws(LedgerFailure) in
                try await store.allowances(of: payer, for: service)
            },
            setGasPreferences: { recipient, standings, perDayMax async throws(LedgerFailure) in
                try await store.setGasPreferences(of: recipient, standings: standings, perDayMax: perDayMax)
            },
            setGasCluster: { sender, founder async throws(LedgerFailure) in
                try await store.setGasCluster(of: sender, founder: founder)
            })
    }

    private func checks(
        _ store: PostgresLedgerStore, _ webhooks: OutboundWebhooks, _ inbox: InboxFigures, _ identities: IdentitySync
    ) -> [ReadinessCheck] {
        [
            ReadinessCheck("database") {
                do { _ = try await store.balances(of: store.book.node) } catch {
                    throw Problem(.notReady, "the database does not answer")
                }
            },
            webhooks.readiness, inbox.readiness,
            // Whoever is known is served while the relay is out.
            ReadinessCheck("identities", isEssential: false) {
                if let trouble = identities.trouble { throw Problem(.notReady, trouble) }
            },
        ]
    }

    /// Where wallets reach pay, unless a setting says otherwise; nil: the node does not know.
    private var payOrigin: String? {
        get throws(CLIFailure) {
            if let origin = plan.settings.origins.first { return origin }
            return plan.isDevelopment ? "http://127.0.0.1:\(try port(of: "pay"))" : nil
        }
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
}
