public import ArgumentParser
import Cryptography
public import Inbound
import Kernel
import LedgerStore
import Logging
import PostgresClient
import Service

/// `mjn webhooks inbox`.
struct InboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox",
        abstract: "Events that rails sent here: which wait, why, and again.",
        discussion: """
            Each event is stored before it is answered, and tried until its effect is in the book: often in the first \
            three days, then once a day, as `failed`. Nothing is dropped.

            Example: mjn webhooks inbox list --status failed
            Example: mjn webhooks inbox retry evt_…
            """,
        subcommands: [InboxList.self, InboxShow.self, InboxRetry.self])
}

extension InboxStatus: ExpressibleByArgument {}

extension WebhookSource: ExpressibleByArgument {
    /// One of those that there are.
    public init?(argument: String) {
        guard Self.all.contains(where: { $0.rawValue == argument }) else { return nil }
        self.init(rawValue: argument)
    }

    static let all = [WebhookSource.stripe, .stripeConnect]
    /// For help.
    public static var allValueStrings: [String] { all.map(\.rawValue) }
}

/// Runs a body with the inbox of the node's book.
private func withInbox<T: Sendable>(
    _ node: NodeOptions, _ body: (Inbox) async throws -> T
) async throws -> T {
    try await withLedgerPool(node) { pool, session in
        var logger = Logger(label: "mjn")
        logger.logLevel = .error
        let inbox = Inbox(
            Inbox.Configuration(
                database: session.database, bookID: session.store.book.bookID, clock: session.clock, logger: logger),
            pool: pool)
        let result: Result<T, any Error>
        do { result = .success(try await body(inbox)) } catch { result = .failure(error) }
        await inbox.close()
        return try result.get()
    }
}

extension CLIFailure {
    fileprivate static func eventUnknown(_ id: String, _ source: WebhookSource) -> CLIFailure {
        CLIFailure(
            "there is no event \(id) of \(source)",
            fix: "see which wait: mjn webhooks inbox list; of connected accounts: --source stripe-connect")
    }
}

/// `mjn webhooks inbox list`.
struct InboxList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Events that are not at their end, oldest first.",
        discussion: "Example: mjn webhooks inbox list --status failed --limit 20")

    @OptionGroup var node: NodeOptions

    @Option(help: "received, parked, failed, done or ignored; by default the first three.")
    var status: InboxStatus?

    @Option(help: "At most this many of each.")
    var limit = 50

    @OptionGroup var output: FormatOptions

    private static let columns: [Listing.Column] = [
        .init(name: "id"), .init(name: "source"), .init(name: "type", isElastic: true),
        .init(name: "object", isElastic: true), .init(name: "account", isHidden: true), .init(name: "status"),
        .init(name: "attempts", isRight: true), .init(name: "received_at", title: "received"),
        .init(name: "next_attempt_at", title: "next"), .init(name: "reason", title: "why", isElastic: true),
    ]

    func validate() throws {
        guard (1...Inbox.pageMax).contains(limit) else { throw ValidationError("--limit is 1 to \(Inbox.pageMax)") }
    }

    func run() async throws {
        let (statuses, limit) = (status.map { [$0] } ?? InboxStatus.open, limit)
        let rows = try await withInbox(node) { inbox in
            var rows: [InboxRow] = []
            for status in statuses { rows += try await inbox.list(status, limit: limit) }
            return rows
        }
        var listing = Listing(Self.columns, format: output.chosen)
        for row in rows {
            let waits = InboxStatus.open.contains(row.status)
            try listing.add([
                .text(row.eventID), .text(row.source.rawValue), .text(row.eventType),
                row.objectID.map { .text($0) } ?? .null, row.account.map { .text($0) } ?? .null,
                .text(row.status.rawValue), .int(row.attempts), .time(row.receivedAtMs),
                waits ? .time(row.nextAtMs) : .null, .text(row.reason),
            ])
        }
        try listing.finish(empty: "mjn: no event waits")
    }
}

/// `mjn webhooks inbox show`.
struct InboxShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "An event as it was received, byte for byte.",
        discussion: "Example: mjn webhooks inbox show evt_…")

    @OptionGroup var node: NodeOptions

    @Argument(help: "The event's id.")
    var id: String

    @Option(help: "Where it came from.")
    var source = WebhookSource.stripe

    func run() async throws {
        let (id, source) = (id, source)
        let payload = try await withInbox(node) { try await $0.payload(id, from: source) }
        guard let payload else { throw CLIFailure.eventUnknown(id, source) }
        print(String(decoding: payload, as: UTF8.self))
    }
}

/// `mjn webhooks inbox retry`.
struct InboxRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Has events tried at once, with three days before them anew.",
        discussion: """
            A running server tries them. An event whose effect is in the book already has none again.

            Example: mjn webhooks inbox retry evt_…
            Example: mjn webhooks inbox retry --failed
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "Ids of events.")
    var ids: [String] = []

    @Option(help: "Where they came from.")
    var source = WebhookSource.stripe

    @Flag(help: "All that have failed, wherever they came from.")
    var failed = false

    func validate() throws {
        guard failed != !ids.isEmpty else { throw ValidationError("name events, or give --failed") }
    }

    func run() async throws {
        let (ids, source, isAll) = (ids, source, failed)
        let count = try await withInbox(node) { inbox in
            var bar = ProgressBar()
            defer { bar.finish() }
            var count = 0
            guard isAll else {
                for id in ids {
                    guard try await inbox.retry(id, from: source) else {
                        guard try await inbox.payload(id, from: source) != nil else {
                            throw CLIFailure.eventUnknown(id, source)
                        }
                        throw CLIFailure("\(id) is done", fix: "nothing: its effect is in the book")
                    }
                    count += 1
                    bar.show("retrying", Int64(count), of: Int64(ids.count))
                }
                return count
            }
            var cursor: InboxCursor?
            while true {
                // Each once: one that fails again at once is not met again.
                let page = try await inbox.list(.failed, after: cursor, limit: Inbox.pageMax)
                guard let last = page.last else { return count }
                cursor = last.cursor
                for row in page where try await inbox.retry(row.eventID, from: row.source) {
                    count += 1
                    bar.show("retrying", Int64(count), of: Int64(max(page.count, count)))
                }
            }
        }
        standardError("mjn: \(count) \(count == 1 ? "event is" : "events are") due now")
    }
}
