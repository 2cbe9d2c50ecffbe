import Cryptography
import HTTPClient
import Logging
import PostgresClient
import PostgresFixture
import Registry
import Service
import ServiceLifecycle
import Synchronization

/// A clock that tests move.
final class TestClock: Sendable {
    private let now: Atomic<Int64>

    init(milliseconds: Int64 = SystemClock.milliseconds()) { now = Atomic(milliseconds) }

    var milliseconds: Int64 { now.load(ordering: .relaxed) }
    func advance(seconds: Int64) { now.add(seconds * 1000, ordering: .relaxed) }
}

/// A relay that serves over real HTTP, from real Postgres.
struct TestRelay: Sendable {
    let relay: Relay
    let store: RelayStore
    /// Where it is mounted, without the slash at the end.
    let base: String
    let origin: String
    let work: RelayWork

    var did: String { relay.did }

    /// A database with the registry's schema, empty.
    static func database() async throws -> String {
        try await PostgresFixture.freshDatabase(template: "registry") { url in
            try await DedicatedThread.run(name: "migrate") {
                let connection = try PostgresFixture.connect(url)
                defer { connection.close() }
                _ = try Migrator(schema: RegistryMigrations.schema, migrations: RegistryMigrations.all)
                    .apply(on: connection)
            }
        }
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// What differs from one test to the next.
    struct Setup: Sendable {
        var key = Ed25519PrivateKey()
        var settings = RelaySettings()
        /// nil: the system's.
        var clock: TestClock?
        /// Reaches the peers; nil: the real client does.
        var peer: (any RelayPeer)?
        /// Whether it does by itself what a node's relay does: passes on, syncs, sweeps.
        var isWorking = false
        var port = 0

        init() { settings.writesPerSecond = 100_000 }
    }
}

/// Serves a relay while `body` runs, then stops it as SIGTERM would, and closes everything.
func withRelay<Value: Sendable>(
    _ database: String, _ change: (inout TestRelay.Setup) -> Void = { _ in },
    _ body: (TestRelay) async throws -> Value
) async throws -> Value {
    var setup = TestRelay.Setup()
    change(&setup)
    let configuration = RelayStore.inSchema(try PostgresConfiguration(databaseURL: database))
    let pools = [PostgresPool(configuration, size: 2), PostgresPool(configuration, size: 1)]
    let client = setup.settings.peers.isEmpty ? nil : try HTTPClient(HTTPClientConfiguration(egress: .any))
    let result: Result<Value, any Error>
    do {
        let store = RelayStore(reads: pools[0], writes: pools[1], logger: TestRelay.logger)
        let testClock = setup.clock
        let clock: @Sendable () -> Int64 = { testClock?.milliseconds ?? SystemClock.milliseconds() }
        let did = try await RelayIdentity.open(
            in: store, key: setup.key, name: setup.settings.name, nowMs: clock())
        let metrics = MetricsRegistry()
        let relay = Relay(
            settings: setup.settings, store: store, did: did,
            peerClient: setup.peer ?? client.map { HTTPRelayPeer($0) }, metrics: RelayMetrics(metrics),
            clock: clock, logger: TestRelay.logger)
        result = .success(try await serve(relay, store, metrics, setup, body))
    } catch {
        result = .failure(error)
    }
    await client?.shutdown()
    for pool in pools { await pool.close() }
    return try result.get()
}

private let testThreads = ServiceThreads(count: 2)

private func serve<Value: Sendable>(
    _ relay: Relay, _ store: RelayStore, _ metrics: MetricsRegistry, _ setup: TestRelay.Setup,
    _ body: (TestRelay) async throws -> Value
) async throws -> Value {
    let registry = RegistryService(relay)
    var configuration = ServiceConfiguration(logger: TestRelay.logger)
    configuration.threads = testThreads
    configuration.metrics = metrics
    configuration.dialects = [registry.dialect]
    configuration.signatures = SignaturePolicy(
        origins: try PublicOrigins([], allowLoopback: true), keysForDID: { try await registry.signingKeys(for: $0) })
    let service = try HTTPService(
        name: "registry", port: setup.port, routes: registry.routes, configuration: configuration)
    let group = ServiceGroup(
        configuration: .init(services: [.init(service: service)], logger: TestRelay.logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let origin = "http://127.0.0.1:\(try await service.boundPort())"
        let work = RelayWork(relay)
        let working = Task { if setup.isWorking { await work.run() } }
        let result: Result<Value, any Error>
        do {
            result = .success(
                try await body(
                    TestRelay(
                        relay: relay, store: store, base: origin + setup.settings.basePaths[0], origin: origin,
                        work: work)))
        } catch {
            result = .failure(error)
        }
        working.cancel()
        await working.value
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try result.get()
    }
}
