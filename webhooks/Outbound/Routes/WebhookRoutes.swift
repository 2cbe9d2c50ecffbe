import Cryptography
import PostgresClient
import Service

/// The routes by which a service looks after its endpoints and deliveries. It sees its own only.
struct WebhookRoutes: Sendable {
    let store: WebhookStore
    let allowances: WebhookAllowances
    private let access: @Sendable (DID) -> WebhookAccess?
    let makeID: @Sendable (String) -> String
    let clock: @Sendable () -> Int64
    let random: @Sendable (Int) -> [UInt8]

    init(_ dependencies: OutboundDependencies, store: WebhookStore) {
        self.store = store
        allowances = dependencies.allowances
        access = dependencies.access
        makeID = dependencies.makeID
        clock = dependencies.clock
        random = dependencies.random
    }

    static let tag = "webhooks"

    /// What every route may answer besides its own.
    static let common: [ProblemCode] = [.callerNotAllowed, .databaseUnavailable]

    /// The route table.
    var routes: [Route] {
        [
            createRoute, listRoute, readRoute, changeRoute, deleteRoute, rotateRoute, testRoute, deliveriesRoute,
            redeliverRoute,
        ]
    }

    /// The service that calls.
    /// - Throws: `caller_not_allowed` for somebody whom the operator has let in nowhere.
    func owner(_ call: Call) throws(Problem) -> DID {
        let caller = try call.requireCaller().did
        guard access(caller) != nil else {
            throw Problem(.callerNotAllowed, "only a service that the operator has let in may have webhooks")
        }
        return caller
    }

    /// Calls the store.
    /// - Throws: `database_unavailable`, `overloaded`, `internal_error`.
    func stored<T: Sendable>(_ body: () async throws(PostgresError) -> T) async throws(Problem) -> T {
        do throws(PostgresError) {
            return try await body()
        } catch {
            throw Problem(error)
        }
    }

    func newSecret() throws(Problem) -> WebhookSecret {
        guard let secret = WebhookSecret(bytes: random(WebhookSecret.byteCount)) else { throw Problem(.internalError) }
        return secret
    }

    /// The answer to a registration or change.
    func reply(_ status: Int, _ result: EndpointResult, secret: WebhookSecret? = nil) throws(Problem) -> Reply {
        switch result {
        case .done(let endpoint): return .json(status) { WebhookJSON.write(endpoint, secret: secret, to: &$0) }
        case .unknown: throw Problem(.webhookEndpointUnknown)
        case .exists(let id):
            throw Problem(
                .webhookEndpointExists, "the endpoint \(id) has this URL: change it, or delete it",
                extra: [("endpoint", .string(id))])
        case .tooMany:
            throw Problem(
                .webhookEndpointsTooMany,
                "a service has at most \(WebhookEndpoint.perOwnerMax) endpoints: delete one first")
        }
    }

    /// The answer to a wish for a delivery.
    func reply(_ result: RedeliveryResult, unknown: ProblemCode) throws(Problem) -> Reply {
        switch result {
        case .done(let delivery): return .json(202) { WebhookJSON.write(delivery, to: &$0) }
        case .unknown: throw Problem(unknown)
        case .disabled:
            throw Problem(.webhookEndpointDisabled, "enable the endpoint first: PATCH it with {\"status\":\"enabled\"}")
        }
    }
}

/// Endpoints and deliveries as JSON.
enum WebhookJSON {
    static func write(_ endpoint: WebhookEndpoint, secret: WebhookSecret? = nil, to out: inout JSONWriter) {
        out.beginObject()
        out.field("id", endpoint.id)
        out.field("url", endpoint.url)
        out.field("event_types", endpoint.subscriptions.map(\.pattern))
        out.field("status", endpoint.status.rawValue)
        out.field("disabled_reason", endpoint.disabledReason?.rawValue)
        out.field("failures", endpoint.failures)
        out.field("failing_since", endpoint.failingSinceMs.map { Timestamp.text(ofMilliseconds: $0) })
        out.field("created_at", Timestamp.text(ofMilliseconds: endpoint.createdAtMs))
        out.field("updated_at", Timestamp.text(ofMilliseconds: endpoint.updatedAtMs))
        if let secret { out.field("secret", secret.text) }
        out.endObject()
    }

    static func write(_ delivery: WebhookDelivery, to out: inout JSONWriter) {
        out.beginObject()
        out.field("id", delivery.id)
        out.field("endpoint", delivery.endpointID)
        out.field("seq", delivery.seq)
        out.field("type", delivery.type)
        out.field("status", delivery.status.rawValue)
        out.field("attempts", delivery.attempts)
        out.field("created_at", Timestamp.text(ofMilliseconds: delivery.createdAtMs))
        out.field("next_attempt_at", delivery.nextAtMs.map { Timestamp.text(ofMilliseconds: $0) })
        out.key("last_attempt")
        if let last = delivery.last {
            out.beginObject()
            out.field("at", Timestamp.text(ofMilliseconds: last.atMs))
            out.field("status", last.status.map(Int64.init))
            out.field("error", last.error)
            out.field("answer", last.excerpt)
            out.endObject()
        } else {
            out.null()
        }
        out.endObject()
    }
}
