import ArgumentParser
import LedgerStore
import Outbound

/// Which endpoint.
struct EndpointOptions: ParsableArguments {
    @OptionGroup var node: NodeOptions

    @Argument(help: "The endpoint's id.")
    var endpoint: String

    func set(_ status: WebhookEndpoint.Status) async throws {
        let endpoint = endpoint
        let result = try await withWebhooks(node) { store, session in
            try await store.update(
                endpoint, of: nil, EndpointChange(status: status), actor: Operator.name, nowMs: session.clock())
        }
        guard case .done(let after) = result else { throw CLIFailure.endpointUnknown(endpoint) }
        standardError("mjn: \(after.id) is \(after.status.rawValue)")
    }
}

/// `mjn webhooks enable`.
struct WebhooksEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Lets deliveries to an endpoint go out again: those that waited, and those it missed.",
        discussion: "Example: mjn webhooks enable whe_…")

    @OptionGroup var options: EndpointOptions

    func run() async throws { try await options.set(.enabled) }
}

/// `mjn webhooks disable`.
struct WebhooksDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Keeps deliveries to an endpoint back until it is enabled again.",
        discussion: "Example: mjn webhooks disable whe_…")

    @OptionGroup var options: EndpointOptions

    func run() async throws { try await options.set(.disabled) }
}
