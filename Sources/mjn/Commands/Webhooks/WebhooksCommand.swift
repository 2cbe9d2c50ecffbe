import ArgumentParser
import Cryptography
import Kernel
import LedgerStore
import Outbound
import PostgresClient
import Service

/// What services are told of, and what arrived.
struct WebhooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Endpoints that are told of what happens in the book, their deliveries, and what rails sent here.",
        discussion: """
            Services register endpoints themselves (POST /api/webhook-endpoints). A running server delivers; these \
            commands look and ask it to.

            Example: mjn webhooks list
            Example: mjn webhooks redeliver --failed --since 2026-03-31
            Example: mjn webhooks inbox list --status failed
            """,
        subcommands: [
            WebhooksList.self, WebhooksDeliveries.self, WebhooksRedeliver.self, WebhooksEnable.self,
            WebhooksDisable.self, InboxCommand.self,
        ])
}

/// Runs a body with the webhooks of the node's book.
func withWebhooks<T: Sendable>(
    _ node: NodeOptions, _ body: (WebhookStore, LedgerSession) async throws -> T
) async throws -> T {
    try await withLedgerPool(node) { pool, session in
        try await body(WebhookStore(pool: pool, bookID: session.store.book.bookID), session)
    }
}

/// Runs a body with the node's book, and a pool of one connection to its schema.
func withLedgerPool<T: Sendable>(
    _ node: NodeOptions, _ body: (PostgresPool, LedgerSession) async throws -> T
) async throws -> T {
    try await withLedger(node) { session in
        let pool = PostgresPool(session.database, size: 1)
        let result: Result<T, any Error>
        do {
            result = .success(try await body(pool, session))
        } catch let error as PostgresError {
            result = .failure(
                CLIFailure(
                    "the database did not do it: \(error.message)", fix: "check it with: mjn doctor",
                    exitCode: ExitStatus.unavailable))
        } catch {
            result = .failure(error)
        }
        await pool.close()
        return try result.get()
    }
}

extension CLIFailure {
    /// No endpoint has this id.
    static func endpointUnknown(_ id: String) -> CLIFailure {
        CLIFailure("there is no endpoint \(id)", fix: "see which there are: mjn webhooks list")
    }
}

/// `mjn webhooks list`.
struct WebhooksList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "All endpoints, and how they fare.",
        discussion: "Example: mjn webhooks list --format json")

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOptions

    private static let columns: [Listing.Column] = [
        .init(name: "id"), .init(name: "owner", isElastic: true), .init(name: "url", isElastic: true),
        .init(name: "event_types", isElastic: true), .init(name: "status"),
        .init(name: "disabled_reason", title: "why"),
        .init(name: "failures", isRight: true), .init(name: "failing_since"), .init(name: "created_at", isHidden: true),
    ]

    func run() async throws {
        let endpoints = try await withWebhooks(node) { store, _ in try await store.endpoints(of: nil) }
        var listing = Listing(Self.columns, format: output.chosen)
        for endpoint in endpoints {
            try listing.add([
                .text(endpoint.id), .text(endpoint.owner.string), .text(endpoint.url),
                .texts(endpoint.subscriptions.map(\.pattern)), .text(endpoint.status.rawValue),
                endpoint.disabledReason.map { .text($0.rawValue) } ?? .null, .int(endpoint.failures),
                .time(endpoint.failingSinceMs), .time(endpoint.createdAtMs),
            ])
        }
        try listing.finish(empty: "mjn: no service has registered an endpoint")
    }
}

extension Cell {
    /// A time, milliseconds since 1970.
    static func time(_ milliseconds: Int64?) -> Cell {
        milliseconds.map { .text(Timestamp.text(ofMilliseconds: $0)) } ?? .null
    }
}
