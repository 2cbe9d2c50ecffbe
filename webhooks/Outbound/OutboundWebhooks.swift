public import Cryptography
public import HTTPClient
public import Logging
public import PostgresClient
public import Service

/// What outbound webhooks need from outside. The composition root fills it in.
public struct OutboundDependencies: Sendable {
    /// Connections to the ledger's schema that nothing else uses: a queue of deliveries holds nobody up.
    public var pool: PostgresPool
    /// The book's number.
    public var bookID: Int64
    /// The book's name, as deliveries carry it.
    public var bookName: String
    /// What sends. Its policy must be that of ``allowances``, see ``WebhookAllowances/policy``.
    public var http: any HTTPExchanging
    /// What endpoints may lead to besides the public internet.
    public var allowances: WebhookAllowances
    /// How much a caller may be told; nil: it may have no endpoints. Answered from memory, on every event.
    public var access: @Sendable (DID) -> WebhookAccess?
    /// Makes an identifier, new on each call, behind a prefix such as `whe_`.
    public var makeID: @Sendable (_ prefix: String) -> String
    /// Milliseconds since 1970.
    public var clock: @Sendable () -> Int64
    /// Unpredictable bytes, for secrets.
    public var random: @Sendable (Int) -> [UInt8] = { RandomBytes.generate($0) }
    /// Whether this process feeds: the one that writes the book does, for it knows how busy the writer is.
    public var isFeeding: @Sendable () -> Bool = { true }
    /// Whether the book's writer has so much to do that the feed steps back.
    public var isBusy: @Sendable () -> Bool = { false }
    /// Where it counts.
    public var metrics: OutboundMetrics
    /// Where it logs: identifiers, codes and hosts, never secrets or bodies.
    public var logger: Logger

    /// The parts without a default.
    public init(
        pool: PostgresPool, bookID: Int64, bookName: String, http: any HTTPExchanging, allowances: WebhookAllowances,
        access: @escaping @Sendable (DID) -> WebhookAccess?, makeID: @escaping @Sendable (String) -> String,
        clock: @escaping @Sendable () -> Int64, metrics: OutboundMetrics, logger: Logger
    ) {
        self.pool = pool
        self.bookID = bookID
        self.bookName = bookName
        self.http = http
        self.allowances = allowances
        self.access = access
        self.makeID = makeID
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
    }
}

/// Outbound webhooks: services register endpoints and get signed deliveries of what happens in the book, each at least
/// once.
///
/// The journal is the outbox: nothing is written on a settlement's path. A feed follows the entries by their numbers
/// and writes what each endpoint is to get; a worker delivers it. Every process of a book delivers, and the one that
/// writes it feeds; rows and their guards part the work. Safe from any thread.
public struct OutboundWebhooks: Sendable {
    /// The store, for what is not a route.
    public let store: WebhookStore
    /// Follows the journal.
    public let feed: EventFeed
    /// Delivers.
    public let worker: DeliveryWorker
    private let dependencies: OutboundDependencies

    /// Webhooks on these dependencies. Nothing goes on before ``run()``.
    public init(_ dependencies: OutboundDependencies) {
        self.dependencies = dependencies
        store = WebhookStore(pool: dependencies.pool, bookID: dependencies.bookID)
        feed = EventFeed(dependencies, store: store)
        worker = DeliveryWorker(dependencies, store: store)
    }

    /// The route table, for the service that has the book.
    public var routes: [Route] { WebhookRoutes(dependencies, store: store).routes }

    /// Shows in `GET /api/ready` that the feed lags. The service goes on serving: money does not wait for webhooks.
    public var readiness: ReadinessCheck {
        let (metrics, clock) = (dependencies.metrics, dependencies.clock)
        return ReadinessCheck("webhooks", isEssential: false) {
            if let lag = metrics.lag(nowMs: clock()) { throw Problem(.notReady, lag) }
        }
    }

    /// Feeds and delivers until the task is cancelled. A failure is logged, and what failed is done again.
    public func run() async {
        await withTaskGroup { group in
            group.addTask { await feed.run() }
            group.addTask { await worker.run() }
        }
    }
}
