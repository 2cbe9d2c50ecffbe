import Cryptography
import HTTPClient
import Inbound
import Kernel
import LedgerStore
import Pay
import PostgresClient
import Service
import Settlement
import Stripe

extension NodeRuntime {
    /// Stripe, live, with what was opened for it.
    struct StripeParts: Sendable {
        let rail: StripeRail
        let client: StripeClient
        let http: HTTPClient
    }

    /// Stripe's webhooks: the inbox that stores them, and who acts on them.
    struct InboundWebhooks: Sendable {
        let inbox: Inbox
        let pool: PostgresPool
        let routes: [Route]
        let figures: InboxFigures

        func close() async {
            await inbox.close()
            await pool.close()
        }
    }

    /// Connections of the inbox's worker and reads; it stores on one of its own.
    private static let inboxConnections = 2

    /// Opens Stripe where its key is set.
    /// - Throws: exit code 64 for settings that cannot be used.
    static func openStripe(_ settings: RailSettings.Stripe) throws(CLIFailure) -> StripeParts? {
        let environment = [
            StripeEnvironment.keyName: settings.secretKey ?? "", StripeEnvironment.apiBaseName: settings.apiBase,
        ]
        do {
            // Plain HTTP is read from the settings for loopback only.
            let isLoopback = settings.apiBase.hasPrefix("http://")
            guard let stripe = try StripeEnvironment(environment, isDevelopment: isLoopback) else { return nil }
            let http = try HTTPClient(
                HTTPClientConfiguration(
                    egress: stripe.settings.egress, responseBytesMax: StripeSettings.responseBytesMax,
                    userAgent: "mjn/\(MJN.version)"))
            let client = StripeClient(
                key: stripe.key, settings: stripe.settings, http: http,
                timing: .live(nowMilliseconds: SystemClock.milliseconds))
            return StripeParts(rail: StripeRail(client: client), client: client, http: http)
        } catch {
            throw CLIFailure("\(error)", exitCode: ExitStatus.usage)
        }
    }

    /// Opens the inbox of Stripe's webhooks; without secrets its routes answer that the rail is off.
    func openInbox(
        _ settings: RailSettings.Stripe, _ store: PostgresLedgerStore,
        _ configuration: PostgresLedgerStore.Configuration, _ metrics: MetricsRegistry
    ) -> InboundWebhooks {
        let pool = PostgresPool(configuration.database, size: Self.inboxConnections)
        let inbox = Inbox(
            Inbox.Configuration(
                database: configuration.database, bookID: store.book.bookID, clock: SystemClock.milliseconds,
                logger: logger), pool: pool)
        let webhooks = StripeWebhooks(
            inbox: inbox, secrets: settings.webhookSecrets.compactMap { SigningSecret($0) },
            connectSecrets: settings.connectWebhookSecrets.compactMap { SigningSecret($0) }, metrics: metrics)
        return InboundWebhooks(
            inbox: inbox, pool: pool, routes: webhooks.routes, figures: InboxFigures(metrics))
    }

    /// What goes on for Stripe's events: those that came are acted on, those that did not come are fetched.
    func inboundWork(
        _ inbound: InboundWebhooks, _ stripe: StripeParts, _ worker: RailWorker
    ) -> [BackgroundWork] {
        let handler = StripeEventHandler(rail: stripe.rail, worker: worker)
        let inbox = InboxWorker(inbox: inbound.inbox, handler: handler)
        let client = stripe.client
        let sweep = EventSweep(inbox: inbound.inbox, name: "stripe", source: .stripe) { sinceMs, after in
            let page = try await client.events(sinceMs: sinceMs, after: after.flatMap { StripeID($0) })
            return EventPage(events: page.events, next: page.next?.text)
        }
        let keeper = InboxKeeper(
            inbox: inbound.inbox, keepDays: plan.settings.rails.inboxKeepDays, logger: logger
        ) { inbound.figures.set($0, nowMs: SystemClock.milliseconds()) }
        return [
            BackgroundWork { await inbox.run() },
            BackgroundWork { await keeper.run() },
            BackgroundWork { await sweep.run() },
        ]
    }
}

/// What waits in the inbox, for metrics and readiness.
struct InboxFigures: Sendable {
    private let counts: [InboxStatus: Gauge]
    private let oldestSeconds: Gauge

    init(_ metrics: MetricsRegistry) {
        counts = InboxStatus.open.reduce(into: [:]) { gauges, status in
            gauges[status] = metrics.gauge(
                "mjn_inbox_events", "Events that rails sent and that are not at their end, at most 100,000 counted.",
                labels: [("status", status.rawValue)])
        }
        oldestSeconds = metrics.gauge("mjn_inbox_oldest_seconds", "Age of the oldest of them.")
    }

    func set(_ found: [InboxCount], nowMs: Int64) {
        for count in found { counts[count.status]?.set(count.count) }
        oldestSeconds.set(found.compactMap(\.oldestReceivedAtMs).min().map { max(0, nowMs - $0) / 1000 } ?? 0)
    }

    /// Not essential: what failed waits, and everything else goes on.
    var readiness: ReadinessCheck {
        let failed = counts[.failed]
        return ReadinessCheck("inbox", isEssential: false) {
            if let count = failed?.value, count > 0 {
                throw Problem(.notReady, "\(count) events have failed: mjn webhooks inbox list --status failed")
            }
        }
    }
}

/// Acts on Stripe's events: each is a hint, the object is read again and taken to the lifecycle that it is of.
struct StripeEventHandler: InboundHandling {
    let rail: StripeRail
    let worker: RailWorker

    func handle(_ event: InboundEvent) async -> Disposition {
        let news: RailNews
        do throws(StripeEventError) {
            news = try await rail.news(of: event.payload)
        } catch {
            // Stripe signed it: somebody has to see what it was.
            return .parked("\(error.code): \(error.reason)")
        }
        do throws(LedgerFailure) {
            switch try await worker.take(news, from: .stripe) {
            case .applied: return .applied
            case .ignored(let why): return .ignored(why)
            case .parked(let why): return .parked(why)
            }
        } catch {
            return .retry("the ledger did not answer: \(error)")
        }
    }
}

extension PayeeOnboarding {
    /// Sellers' accounts at Stripe.
    init(_ connect: StripeConnect) {
        self.init(
            onboard: { request async throws(OnboardingFailure) in
                do throws(StripeConnectError) {
                    let link = try await connect.onboard(
                        seller: request.seller.string, country: request.country, email: request.email,
                        refreshURL: request.refreshURL, returnURL: request.returnURL)
                    return OnboardingLink(link)
                } catch {
                    throw OnboardingFailure(error)
                }
            },
            status: { seller async throws(OnboardingFailure) in
                do throws(StripeConnectError) {
                    let status = try await connect.status(seller: seller.string)
                    return OnboardingStatus(
                        state: status.state.rawValue, account: status.account?.text,
                        takesTransfers: status.takesTransfers, arePayoutsEnabled: status.arePayoutsEnabled,
                        due: status.due, overdue: status.overdue, disabledReason: status.disabledReason)
                } catch {
                    throw OnboardingFailure(error)
                }
            },
            dashboard: { seller async throws(OnboardingFailure) in
                do throws(StripeConnectError) {
                    return OnboardingLink(try await connect.dashboard(seller: seller.string))
                } catch {
                    throw OnboardingFailure(error)
                }
            })
    }
}

extension OnboardingLink {
    fileprivate init(_ link: StripeConnect.Link) {
        self.init(url: link.url, expiresAtMs: link.expiresAtMs, account: link.account.text)
    }
}

extension OnboardingFailure {
    fileprivate init(_ error: StripeConnectError) {
        switch error {
        case .notOnboarded: self = .notOnboarded
        case .busy: self = .busy
        case .refused: self = .refused(error.reason)
        case .unavailable, .storeUnavailable: self = .unavailable(error.reason)
        }
    }
}
