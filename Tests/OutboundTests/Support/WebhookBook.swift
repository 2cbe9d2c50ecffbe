import Cryptography
import HTTPClient
import Kernel
import LedgerDouble
import LedgerMigrations
import LedgerStore
import Logging
import Outbound
import PostgresClient
import PostgresFixture
import Service
import Settlement
import Synchronization
import Testing

/// The wall clock, which a test may put forward.
final class MovableClock: Sendable {
    private let offset = Atomic<Int64>(0)
    var ms: Int64 { SystemClock.milliseconds() + offset.load(ordering: .relaxed) }
    func advance(ms: Int64) { offset.wrappingAdd(ms, ordering: .relaxed) }
}

/// A book in a database of its own, with webhooks on it as several processes would have them.
final class WebhookBook: Sendable {
    let url: String
    let clock = MovableClock()
    let ledger: PostgresLedgerStore
    let registry = MetricsRegistry()
    private let pool: PostgresPool
    private let granted = Mutex<[DID: WebhookAccess]>([:])
    private let pools = Mutex<[PostgresPool]>([])
    private let clients = Mutex<[HTTPClient]>([])
    private let runs = Mutex<[Task<Void, Never>]>([])
    private let ids = Atomic<Int>(0)

    private static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    private init() async throws {
        url = try await PostgresFixture.freshDatabase(template: "webhooks") { url in
            let connection = try PostgresFixture.connect(url)
            defer { connection.close() }
            try Migrator(schema: LedgerMigrations.schema, migrations: LedgerMigrations.all).apply(on: connection)
        }
        let clock = clock
        var configuration = PostgresLedgerStore.Configuration(
            database: try PostgresConfiguration(databaseURL: url), book: People.book, holder: "one",
            clock: { clock.ms }, logger: Self.quiet)
        configuration.isDevelopment = true
        pool = PostgresPool(configuration.database, size: 2)
        ledger = try await PostgresLedgerStore(configuration, pool: pool)
    }

    /// Runs a test on a book of its own, and closes everything.
    static func with(_ body: (WebhookBook) async throws -> Void) async throws {
        let book = try await WebhookBook()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(book))
        } catch {
            result = .failure(error)
        }
        await book.stop()
        for client in book.clients.withLock({ $0 }) { await client.shutdown() }
        for pool in book.pools.withLock({ $0 }) { await pool.close() }
        await book.ledger.close()
        await book.pool.close()
        try result.get()
    }

    /// Says how much a service may be told; nil: it may no longer call.
    func grant(_ did: DID, _ access: WebhookAccess?) { granted.withLock { $0[did] = access } }

    /// The webhooks of one process. Loopback is allowed unless a test says otherwise.
    func process(
        _ allowed: String = "loopback", resolver: (any NameResolving)? = nil, http: (any HTTPExchanging)? = nil
    ) throws -> OutboundWebhooks {
        OutboundWebhooks(try dependencies(allowed, resolver: resolver, http: http))
    }

    func dependencies(
        _ allowed: String = "loopback", resolver: (any NameResolving)? = nil, http: (any HTTPExchanging)? = nil
    ) throws -> OutboundDependencies {
        let allowances = try WebhookAllowances(allowed)
        let sender: any HTTPExchanging
        if let http {
            sender = http
        } else {
            let client = try HTTPClient(allowances.clientConfiguration(userAgent: "mjn/test"), resolver: resolver)
            clients.withLock { $0.append(client) }
            sender = client
        }
        let pool = PostgresPool(
            PostgresLedgerStore.Configuration.inSchema(try PostgresConfiguration(databaseURL: url)), size: 3)
        pools.withLock { $0.append(pool) }
        let clock = clock
        return OutboundDependencies(
            pool: pool, bookID: 1, bookName: "test", http: sender, allowances: allowances,
            access: { [self] did in granted.withLock { $0[did] } }, makeID: { [self] in newID($0) },
            clock: { clock.ms }, metrics: OutboundMetrics(MetricsRegistry()), logger: Self.quiet)
    }

    func newID(_ prefix: String) -> String { prefix + "\(ids.wrappingAdd(1, ordering: .relaxed).newValue)" }

    /// Lets a process feed and deliver until the test ends or `stop()`.
    func start(_ process: OutboundWebhooks) {
        let task = Task { await process.run() }
        runs.withLock { $0.append(task) }
    }

    /// Stops all processes, as a node does.
    func stop() async {
        let tasks = runs.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// Registers an endpoint, past the routes.
    func register(
        _ process: OutboundWebhooks, _ url: String, of owner: DID = People.shop, to patterns: [String] = ["*"]
    ) async throws -> (id: String, secret: WebhookSecret) {
        let secret = try #require(WebhookSecret(bytes: RandomBytes.generate(WebhookSecret.byteCount)))
        let new = NewEndpoint(
            id: newID("whe_"), owner: owner, url: url,
            subscriptions: try patterns.map { try #require(EventSubscription($0)) }, secret: secret)
        guard case .done(let endpoint) = try await process.store.create(new, nowMs: clock.ms) else {
            throw NeverHappened()
        }
        return (endpoint.id, secret)
    }

    /// Feeds until nothing is left.
    @discardableResult
    func feed(_ process: OutboundWebhooks, entriesMax: Int = 200) async throws -> Int {
        var count = 0
        for _ in 0..<10_000 {
            let step = try await process.feed.advance(entriesMax: entriesMax)
            count += step.deliveries
            if !step.hasMore { return count }
        }
        throw NeverHappened()
    }

    /// Has commands carried out.
    @discardableResult
    func post(_ commands: Command...) async throws -> [Decision] {
        let decisions = try await ledger.submit(commands, atomically: false)
        for decision in decisions { try #require(decision.outcome.isDone, "\(decision.outcome)") }
        return decisions
    }

    /// A settlement by a service, of a payer who has the money.
    @discardableResult
    func settle(_ key: String, _ amountMinor: Int64 = 1, by caller: DID = People.shop) async throws -> Command {
        let command = Commands.settle(
            key, payer: People.ada, to: [(People.bob, amountMinor)], caller: caller.string)
        try await post(command)
        return command
    }

    /// Reads or changes rows behind everybody's back.
    func sql<Value: Sendable>(_ body: @Sendable (Connection) throws -> Value) throws -> Value {
        let connection = try PostgresFixture.connect(url)
        defer { connection.close() }
        try connection.execute("SET search_path = pay")
        return try body(connection)
    }
}
