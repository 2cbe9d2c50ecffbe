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
                ] + railWork(pay.rails, pay.worker, pay.inbound, store, metrics),
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
    private struct PayParts: Sendable {
        let http: HTTPService
        let callers: CallerCache
        let identities: Identities
        let webhooks: Webhooks
        let rails: NodeRails
        let worker: RailWorker?
        let inbound: InboundWebhooks
    }

    private func makePay(
        _ keys: NodeKeys, _ store: PostgresLedgerStore, _ configuration: PostgresLedgerStore.Configuration,
        _ metrics: MetricsRegistry, _ payMetrics: PayMetrics
    ) async throws -> PayParts {
        let rails = try NodeRails.open(plan.settings.rails)
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
            let pay = try PayService(dependencies)
            let policy = identities.directory.signaturePolicy(
                origins: try PublicOrigins(plan.settings.origins, allowLoopback: plan.isDevelopment),
                sessions: sessions)
            return PayParts(
                http: try httpService(
                    "pay", pay.routes + inbound.routes, webhooks.outbound, policy, store, identities.sync, rails,
                    inbound.figures, metrics),
                callers: callers, identities: identities, webhooks: webhooks, rails: rails, worker: pay.worker,
                inbound: inbound)
        } catch {
            await opened?.close()
            await webhooks.close()
            await inbound.close()
            await callers.close()
            await rails.close()
            throw error is CLIFailure ? error : CLIFailure("\(error)", exitCode: ExitStatus.usage)
        }
    }

    private func httpService(
        _ name: String, _ routes: [Route], _ webhooks: OutboundWebhooks, _ policy: SignaturePolicy,
        _ store: PostgresLedgerStore, _ identities: IdentitySync, _ rails: NodeRails,
        _ inbox: InboxFigures, _ metrics: MetricsRegistry
    ) throws -> HTTPService {
        var configuration = serviceConfiguration(metrics)
        configuration.signatures = policy
        configuration.dialects = [PayService.solanaPayDialect]
        configuration.checks = [
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
        // A rail that is off keeps nothing else from working.
        configuration.checks += rails.notes.map { note in
            ReadinessCheck(note.name, isEssential: false) { throw Problem(.notReady, "off: \(note.reason)") }
        }
        return try HTTPService(
            name: name, host: plan.settings.host, port: try port(of: name), routes: routes + webhooks.routes,
            configuration: configuration)
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
