import HTTPClient
import Inbound
import Logging
import Service
import ServiceLifecycle

private let testThreads = ServiceThreads(count: 2)
let http = Result {
    try HTTPClient(HTTPClientConfiguration(egress: .any, inFlightMax: 64, inFlightPerOriginMax: 64, waitingMax: 20_000))
}

/// Serves the webhook routes over real HTTP while `body` runs, given the address; then stops as SIGTERM would.
func withWebhooks(
    _ inbox: Inbox, clock: @escaping @Sendable () -> Int64, secrets: String = SignedEvent.secretText,
    connectSecrets: String = SignedEvent.connectSecretText, metrics: MetricsRegistry = MetricsRegistry(),
    _ body: (String) async throws -> Void
) async throws {
    var configuration = ServiceConfiguration(logger: TestInbox.quiet)
    configuration.threads = testThreads
    configuration.clock = clock
    configuration.metrics = metrics
    let webhooks = StripeWebhooks(
        inbox: inbox, secrets: SigningSecret.list(secrets) ?? [],
        connectSecrets: SigningSecret.list(connectSecrets) ?? [],
        metrics: metrics)
    let service = try HTTPService(name: "pay", port: 0, routes: webhooks.routes, configuration: configuration)
    let group = ServiceGroup(configuration: .init(services: [.init(service: service)], logger: TestInbox.quiet))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var failure: (any Error)?
        do {
            try await body("http://127.0.0.1:\(try await service.boundPort())")
        } catch {
            failure = error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        if let failure { throw failure }
    }
}

/// Sends a webhook.
func deliver(
    _ body: [UInt8], header: String?, to origin: String, path: String = "/api/webhook/stripe"
) async throws -> HTTPResponse {
    var headers = HTTPHeaders()
    headers.set("Content-Type", "application/json; charset=utf-8")
    if let header { headers.set("Stripe-Signature", header) }
    return try await http.get().send(HTTPRequest(.post, origin + path, headers: headers, body: body))
}
