public import ArgumentParser
public import Outbound

extension WebhookDelivery.Status: ExpressibleByArgument {}

/// `mjn webhooks deliveries`.
struct WebhooksDeliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "Deliveries to an endpoint, newest first.",
        discussion: "Example: mjn webhooks deliveries whe_… --status failed --limit 20")

    @OptionGroup var node: NodeOptions

    @Argument(help: "The endpoint's id.")
    var endpoint: String

    @Option(help: "pending, delivered or failed; by default all.")
    var status: WebhookDelivery.Status?

    @Option(help: "At most this many.")
    var limit = 50

    @OptionGroup var output: FormatOptions

    private static let columns: [Listing.Column] = [
        .init(name: "id"), .init(name: "seq", isRight: true), .init(name: "type"), .init(name: "status"),
        .init(name: "attempts", isRight: true), .init(name: "last_status", title: "answer", isRight: true),
        .init(name: "last_error", title: "error"), .init(name: "next_attempt_at", title: "next"),
        .init(name: "last_attempt_at", isHidden: true), .init(name: "created_at", isHidden: true),
        .init(name: "answer", isHidden: true),
    ]

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit is 1 to 100000") }
    }

    func run() async throws {
        let (endpoint, status, limit) = (endpoint, status, limit)
        let deliveries = try await withWebhooks(node) { store, _ in
            guard try await store.endpoint(endpoint, of: nil) != nil else { throw CLIFailure.endpointUnknown(endpoint) }
            return try await store.deliveries(of: endpoint, status: status, limit: limit)
        }
        var listing = Listing(Self.columns, format: output.chosen)
        for delivery in deliveries {
            let last = delivery.last
            try listing.add([
                .text(delivery.id), delivery.seq.map { .int($0) } ?? .null, .text(delivery.type),
                .text(delivery.status.rawValue), .int(Int64(delivery.attempts)),
                last?.status.map { .int(Int64($0)) } ?? .null, last?.error.map { .text($0) } ?? .null,
                .time(delivery.nextAtMs), .time(last?.atMs), .time(delivery.createdAtMs),
                last.map { .text($0.excerpt) } ?? .null,
            ])
        }
        try listing.finish(empty: "mjn: no delivery")
    }
}
