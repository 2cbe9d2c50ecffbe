import ArgumentParser
import Outbound

/// The beginning of a span on the command line, RFC 3339; a date alone means the beginning of that day in UTC.
struct SinceArgument: ExpressibleByArgument, Sendable {
    let ms: Int64

    init?(argument: String) {
        let isDay = argument.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil
        guard let time = TimeArgument(argument: isDay ? argument + "T00:00:00Z" : argument) else { return nil }
        ms = time.ms
    }
}

/// `mjn webhooks redeliver`.
struct WebhooksRedeliver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeliver",
        abstract: "Has deliveries made again, with the same ids and bytes and all their attempts before them.",
        discussion: """
            A running server makes them, at once.

            Example: mjn webhooks redeliver msg_…
            Example: mjn webhooks redeliver --failed --since 2026-03-31 --endpoint whe_…
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "Ids of deliveries, whatever became of them.")
    var ids: [String] = []

    @Flag(help: "All that have failed, of endpoints that are enabled.")
    var failed = false

    @Option(help: "With --failed: made at this time (RFC 3339; a date alone means its beginning, UTC) or later.")
    var since: SinceArgument?

    @Option(help: "With --failed: of this endpoint only.")
    var endpoint: String?

    /// Failed deliveries that are looked up together.
    private static let pageMax = 1000

    func validate() throws {
        guard failed != !ids.isEmpty else { throw ValidationError("name deliveries, or give --failed") }
        guard failed || (since == nil && endpoint == nil) else {
            throw ValidationError("--since and --endpoint go with --failed")
        }
    }

    func run() async throws {
        let (ids, endpoint, sinceMs) = (ids, endpoint, since?.ms ?? 0)
        let isAll = failed
        let count = try await withWebhooks(node) { store, session in
            if let endpoint, try await store.endpoint(endpoint, of: nil) == nil {
                throw CLIFailure.endpointUnknown(endpoint)
            }
            var bar = ProgressBar()
            defer { bar.finish() }
            guard isAll else { return try await Self.redeliver(ids, 0, store, session, &bar) }
            var count = 0
            while true {
                // Those that were asked for are no longer among them.
                let page = try await store.failedDeliveries(endpoint: endpoint, sinceMs: sinceMs, limit: Self.pageMax)
                if page.isEmpty { return count }
                count = try await Self.redeliver(page, count, store, session, &bar)
            }
        }
        standardError("mjn: \(count) \(count == 1 ? "delivery is" : "deliveries are") due now")
    }

    private static func redeliver(
        _ ids: [String], _ before: Int, _ store: WebhookStore, _ session: LedgerSession, _ bar: inout ProgressBar
    ) async throws -> Int {
        for (index, id) in ids.enumerated() {
            switch try await store.redeliver(id, of: nil, nowMs: session.clock()) {
            case .done: break
            case .unknown:
                throw CLIFailure(
                    "there is no delivery \(id)", fix: "see which there are: mjn webhooks deliveries ENDPOINT")
            case .disabled:
                throw CLIFailure(
                    "the endpoint of \(id) is disabled", fix: "enable it first: mjn webhooks enable ENDPOINT")
            }
            bar.show("redelivering", Int64(before + index + 1), of: Int64(before + ids.count))
        }
        return before + ids.count
    }
}
