import Cryptography
import Kernel
import LedgerDouble
import Logging
import Pay
import RailDouble
import Service
import Settlement
import Synchronization

/// Pay on a loopback port over a book in memory.
final class PayFixture: Sendable {
    /// 2026-03-31T12:00:00Z.
    static let noonMs: Int64 = 1_774_958_400_000

    let ledger: LedgerDouble
    let callers: TestCallers
    let rules: TestRules
    let registry = MetricsRegistry()
    let port: Int
    let service: HTTPService
    let sessions: SessionKeyStore
    let rail = ScriptedRail()
    let reports = ReportLog()
    /// nil where a test has switched rails off.
    let worker: RailWorker?
    let railStates: [RailState]
    private let nonces = Atomic<Int>(0)
    private let now: TestClock

    private init(
        ledger: LedgerDouble, callers: TestCallers, rules: TestRules, now: TestClock, settings: Settings
    ) async throws {
        self.ledger = ledger
        self.callers = callers
        self.rules = rules
        self.now = now
        sessions = SessionKeyStore()
        var dependencies = PayDependencies(
            store: ledger, callers: callers, rules: rules.closures(ledger), fees: settings.fees,
            metrics: PayMetrics(registry))
        dependencies.platform = settings.platform
        dependencies.sessions = sessions
        dependencies.keys = settings.identities?.directory ?? settings.keys
        if let manifests = settings.identities?.manifests { dependencies.manifests = manifests }
        dependencies.makeID = { $0 + ULID.text(nowMs: now.ms) }
        if let limiter = settings.strangersLimiter { dependencies.strangersLimiter = limiter }
        let origins = try ReturnOrigins(["https://shop.example"], allowLoopback: false)
        var desk = RailDesk(node: Person.node.did, rails: [rail], returnOrigins: origins, clock: { now.ms })
        desk.report = { [reports] in reports.add($0) }
        settings.desk(&desk)
        if settings.hasRails { dependencies.rails = desk }
        let pay = try PayService(dependencies)
        (worker, railStates) = (pay.worker, pay.railStates)
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        var configuration = ServiceConfiguration(logger: logger)
        configuration.metrics = registry
        configuration.clock = { now.ms }
        configuration.dialects = [PayService.solanaPayDialect]
        let authorities = try PublicOrigins([], allowLoopback: true)
        configuration.signatures =
            settings.identities?.directory.signaturePolicy(origins: authorities, sessions: sessions)
            ?? SignaturePolicy(origins: authorities, sessions: sessions)
        service = try HTTPService(
            name: "pay", port: 0, routes: pay.routes, configuration: configuration)
        let running = service
        Task { try? await running.run() }
        port = try await service.boundPort()
    }

    /// What differs between fixtures.
    struct Settings: Sendable {
        var fees: FeeSchedule = .none
        var platform = PlatformPolicy.ifPresent
        var keys: any KeyDirectory = DIDKeyResolver()
        var strangersLimiter: RateLimiter?
        /// Another fixture's book, in the place of an empty one.
        var ledger: LedgerDouble?
        /// Whether the node has a desk for rails.
        var hasRails = true
        /// What is changed of it: one scripted rail, payees bear its fee, `https://shop.example` is allowed.
        var desk: @Sendable (inout RailDesk) -> Void = { _ in }
        /// Chains behind DIDs, in the place of `keys`.
        var identities: FollowedIdentities?
    }

    /// Starts a service; it runs until the process ends.
    static func start(_ settings: Settings = Settings()) async throws -> PayFixture {
        let now = TestClock(noonMs)
        let fixture = try await PayFixture(
            ledger: settings.ledger ?? LedgerDouble(clock: { now.ms }), callers: TestCallers(), rules: TestRules(),
            now: now,
            settings: settings)
        fixture.callers.allow(Person.trusted, [.settle, .refund, .read], .any)
        fixture.callers.allow(Person.service, [.settle, .refund], .consentOnly)
        fixture.callers.allow(Person.smallService, [.settle], .any, maxAmountMinor: 100)
        fixture.callers.allow(Person.reader, [.read], .consentOnly)
        return fixture
    }

    /// A node fee of 50 basis points, as in the contract's example.
    static func startWithNodeFee() async throws -> PayFixture {
        var settings = Settings()
        settings.fees = try nodeFee()
        return try await start(settings)
    }

    static func nodeFee() throws -> FeeSchedule {
        try FeeSchedule(protocolBps: 0, protocolDID: nil, nodeBps: 50, nodeDID: Person.node.did, buyerCreditBps: 0)
    }

    var nowMs: Int64 {
        get { now.ms }
        set { now.ms = newValue }
    }

    func advance(ms: Int64) { now.ms += ms }

    /// Puts money into a balance.
    func fund(_ did: DID, _ amountMinor: Int64, _ currency: String = "USD", asCredit: Bool = false) async throws {
        let key = "fund-\(nonces.wrappingAdd(1, ordering: .relaxed).newValue)"
        _ = try await ledger.submit(
            [Commands.fund(key, did, amountMinor, currency, asCredit: asCredit)], atomically: false)
    }

    /// The bytes of a signed request.
    func request(
        _ method: Method, _ target: String, _ body: String = "", key: String? = nil, by person: Person?
    ) -> [UInt8] {
        let signer = person.map { RequestSigner(key: $0.key, did: $0.did) }
        return request(method, target, body, key: key, signer: signer)
    }

    /// The bytes of a request, signed by whatever signs.
    func request(
        _ method: Method, _ target: String, _ body: String = "", key: String? = nil, signer: RequestSigner?
    ) -> [UInt8] {
        let authority = "127.0.0.1:\(port)"
        let bytes = Array(body.utf8)
        var text = "\(method.rawValue) \(target) HTTP/1.1\r\nhost: \(authority)\r\ncontent-length: \(bytes.count)\r\n"
        if !bytes.isEmpty { text += "content-type: application/json\r\n" }
        if let signer {
            let nonce = "n\(nonces.wrappingAdd(1, ordering: .relaxed).newValue)"
            let headers = signer.headers(
                method: method, authority: authority, target: target, body: bytes, idempotencyKey: key,
                created: nowMs / 1000, nonce: nonce)
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
        } else if let key {
            text += "idempotency-key: \(key)\r\n"
        }
        return Array(text.utf8) + Array("\r\n".utf8) + bytes
    }

    /// Sends one request and waits for the answer.
    func send(
        _ method: Method, _ target: String, _ body: String = "", key: String? = nil, by person: Person?
    ) async throws -> Response {
        let bytes = request(method, target, body, key: key, by: person)
        return try await sendAll([bytes])[0]
    }

    /// Sends one request, signed by whatever signs.
    func send(
        _ method: Method, _ target: String, _ body: String = "", key: String? = nil, signer: RequestSigner
    ) async throws -> Response {
        let bytes = request(method, target, body, key: key, signer: signer)
        return try await sendAll([bytes])[0]
    }

    /// Sends requests at once, over up to 250 connections, and gives the answers in their order.
    func sendAll(_ requests: [[UInt8]]) async throws -> [Response] {
        let port = port
        return try await onThread {
            let connections = try (0..<min(requests.count, 250)).map { _ in try HTTPConnection(port: port) }
            for (index, request) in requests.enumerated() { try connections[index % connections.count].send(request) }
            return try requests.indices.map { try connections[$0 % connections.count].receive() }
        }
    }
}

/// A clock that tests move.
final class TestClock: Sendable {
    private let now: Mutex<Int64>

    init(_ ms: Int64) { now = Mutex(ms) }

    var ms: Int64 {
        get { now.withLock { $0 } }
        set { now.withLock { $0 = newValue } }
    }
}

/// Grants that tests change.
final class TestCallers: CallerDirectory {
    private let grants = Mutex<[DID: CallerGrant]>([:])

    func grant(for did: DID) -> CallerGrant? { grants.withLock { $0[did] } }

    func allow(_ person: Person, _ scopes: Set<Scope>, _ spendsFrom: SpendsFrom, maxAmountMinor: Int64? = nil) {
        let grant = CallerGrant(
            did: person.did, name: "test", scopes: scopes, spendsFrom: spendsFrom, maxAmountMinor: maxAmountMinor)
        grants.withLock { $0[person.did] = grant }
    }

    func revoke(_ person: Person) { grants.withLock { $0[person.did] = nil } }
}

/// What is kept beside the book.
final class TestRules: Sendable {
    func closures(_ ledger: LedgerDouble) -> PayRules {
        PayRules(
            allowances: { payer, service in
                ledger.book.allowances.values.filter {
                    $0.key.payer == payer.string && $0.key.service == service.string
                }
                .sorted { $0.key.currency < $1.key.currency }
            },
            setGasPreferences: { recipient, standings, perDayMax in
                let limit = perDayMax.map { Int($0) }
                let senders = [Person.service, .trusted, .stranger, .payer].map(\.did)
                for sender in Set(senders).union(standings.keys) {
                    ledger.setGasRule(
                        GasRule(standing: standings[sender] ?? .neutral, perDayMax: limit),
                        for: GasKey(cluster: sender.string, recipient: recipient.string))
                }
            },
            setGasCluster: { sender, founder in ledger.setGasCluster(sender.string, founder: founder.string) })
    }
}
