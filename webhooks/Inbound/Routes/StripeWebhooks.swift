import Cryptography
public import Service

/// Where Stripe sends its events: what is signed is stored, and answered with 200 once it is durable; nothing else is.
///
/// The routes are not signed by this node's own scheme: the sender's signature is the body's.
public struct StripeWebhooks: Sendable {
    /// Bytes of a body; past it 413. The largest events are some 100 KB.
    public static let bodyMax = 1 << 20

    /// What happened to the webhooks of this process.
    struct Counters: Sendable {
        let stored: Counter
        let known: Counter
        let refused: Counter
        let failed: Counter

        init(_ metrics: MetricsRegistry, source: WebhookSource) {
            func counter(_ outcome: String) -> Counter {
                metrics.counter(
                    "mjn_webhooks_received_total", "Webhooks by what became of them.",
                    labels: [("source", source.rawValue), ("outcome", outcome)])
            }
            stored = counter("stored")
            known = counter("known")
            refused = counter("refused")
            failed = counter("failed")
        }
    }

    private let inbox: Inbox
    private let secrets: [SigningSecret]
    private let connectSecrets: [SigningSecret]
    private let metrics: MetricsRegistry

    /// The routes into an inbox.
    ///
    /// - Parameters:
    ///   - secrets: of the endpoint for the platform's own events; several while they change. None: 503 `rail_off`.
    ///   - connectSecrets: of the endpoint for connected accounts' events.
    public init(
        inbox: Inbox, secrets: [SigningSecret], connectSecrets: [SigningSecret], metrics: MetricsRegistry
    ) {
        precondition(max(secrets.count, connectSecrets.count) <= StripeSignature.secretsMax, "too many secrets")
        self.inbox = inbox
        self.secrets = secrets
        self.connectSecrets = connectSecrets
        self.metrics = metrics
    }

    /// The route table.
    public var routes: [Route] {
        [
            route(
                "/api/webhook/stripe", id: "receiveStripeEvent",
                summary: "Takes an event of the platform's own Stripe account.", source: .stripe, secrets: secrets),
            route(
                "/api/webhook/stripe/connect", id: "receiveStripeConnectEvent",
                summary: "Takes an event of a connected Stripe account.", source: .stripeConnect,
                secrets: connectSecrets),
        ]
    }

    private func route(
        _ path: String, id: String, summary: String, source: WebhookSource, secrets: [SigningSecret]
    ) -> Route {
        let (inbox, counters) = (inbox, Counters(metrics, source: source))
        return Route(
            .post, path, id: id, summary: summary,
            description: """
                For Stripe, not for callers. `Stripe-Signature` must be of one of the endpoint's secrets, at most five \
                minutes old or ahead. The answer comes once the event is stored; an event that comes again is answered \
                in the same way.
                """,
            tag: "webhooks", request: .object([], "An event of the v1 API.", additional: true), requestType: .anyJSON,
            responses: [.json(200, "It is stored.", .object([.required("received", .boolean)]))],
            errors: ProblemCode.ofWebhooks, bodyLimit: Self.bodyMax
        ) { call in
            try await Self.receive(call, source, secrets, inbox, counters)
        }
    }

    private static func receive(
        _ call: Call, _ source: WebhookSource, _ secrets: [SigningSecret], _ inbox: Inbox, _ counters: Counters
    ) async throws -> Reply {
        guard !secrets.isEmpty else { throw Problem(.webhookRailOff, "no webhook secret is set for this endpoint") }
        let envelope: EventEnvelope
        do throws(Problem) {
            envelope = try accept(call, secrets)
        } catch {
            counters.refused.increment()
            throw error
        }
        do throws(InboxFailure) {
            let arrival = try await inbox.store(envelope, payload: call.body, from: source)
            (arrival == .stored ? counters.stored : counters.known).increment()
        } catch {
            counters.failed.increment()
            throw Problem(error)
        }
        return received
    }

    /// The signature first, over the bytes; what they say only after it.
    private static func accept(_ call: Call, _ secrets: [SigningSecret]) throws(Problem) -> EventEnvelope {
        do throws(StripeSignature.Refusal) {
            try StripeSignature.verify(
                header: call.header("stripe-signature"), body: call.body, secrets: secrets,
                nowSeconds: call.receivedAt / 1000)
        } catch {
            throw Problem(error)
        }
        do throws(EventEnvelope.Refusal) {
            return try EventEnvelope(parsing: call.body)
        } catch {
            throw Problem(error)
        }
    }

    private static let received = Reply.json(200, Array(#"{"received":true}"#.utf8))
}
