import Cryptography
import Foundation
import HTTPClient
import PostgresClient
import Registry
import Service

extension NodeRuntime {
    /// Opens the registry: its relay with its key and identity, and its client where there are peers.
    func openRegistry(_ database: NodeDatabase, _ metrics: MetricsRegistry) async throws -> Part {
        let key = try relayKey()
        let client = try peerClient()
        let configuration = RelayStore.inSchema(database.configuration)
        let reads = PostgresPool(configuration, size: plan.settings.poolSize)
        let writes = PostgresPool(configuration, size: 1)
        let close: @Sendable () async -> Void = {
            await client?.shutdown()
            await writes.close()
            await reads.close()
        }
        do {
            let store = RelayStore(reads: reads, writes: writes, logger: logger)
            let did = try await RelayIdentity.open(
                in: store, key: key, name: plan.settings.relay.name, nowMs: SystemClock.milliseconds())
            let relay = Relay(
                settings: plan.settings.relay, store: store, did: did, peerClient: client.map { HTTPRelayPeer($0) },
                metrics: RelayMetrics(metrics), clock: SystemClock.milliseconds, logger: logger)
            return Part(
                http: try registryHTTP(RegistryService(relay), store, metrics),
                background: [BackgroundWork { await RelayWork(relay).run() }], close: close)
        } catch {
            await close()
            throw Self.failure(error, keyPath: relayKeyPath)
        }
    }

    private func registryHTTP(
        _ registry: RegistryService, _ store: RelayStore, _ metrics: MetricsRegistry
    ) throws -> HTTPService {
        var configuration = serviceConfiguration(metrics)
        configuration.dialects = [registry.dialect]
        configuration.signatures = SignaturePolicy(
            origins: try PublicOrigins(plan.settings.origins, allowLoopback: plan.isDevelopment),
            keysForDID: { try await registry.signingKeys(for: $0) })
        configuration.checks = [
            ReadinessCheck("database") {
                guard await store.isReachable() else { throw Problem(.notReady, "the database does not answer") }
            }
        ]
        return try HTTPService(
            name: "registry", host: plan.settings.host, port: try port(of: "registry"), routes: registry.routes,
            configuration: configuration)
    }

    /// Reaches the peers and nobody else.
    private func peerClient() throws(CLIFailure) -> HTTPClient? {
        let peers = plan.settings.relay.peers
        guard !peers.isEmpty else { return nil }
        var endpoints: Set<EgressPolicy.Endpoint> = []
        for peer in peers {
            guard let url = URLComponents(string: peer.endpoint), let host = url.host,
                let port = UInt16(exactly: url.port ?? (url.scheme == "https" ? 443 : 80))
            else { throw CLIFailure("MJN_RELAY_PEERS names \(peer.endpoint)", exitCode: ExitStatus.usage) }
            endpoints.insert(EgressPolicy.Endpoint(host: host, port: port))
        }
        do {
            return try HTTPClient(
                HTTPClientConfiguration(egress: .only(endpoints), userAgent: "mjn/\(MJN.version)"))
        } catch {
            throw CLIFailure("\(error)", exitCode: ExitStatus.unavailable)
        }
    }

    private var relayKeyPath: String { plan.settings.relayKeyPath ?? plan.dataDirectory + "/keys/relay.jwk" }

    /// The relay's key: made by a development node, and there already on any other.
    private func relayKey() throws(CLIFailure) -> Ed25519PrivateKey {
        let path = relayKeyPath
        if !FileManager.default.fileExists(atPath: path) {
            guard plan.isDevelopment else {
                throw CLIFailure(
                    "the relay has no key at \(path)",
                    fix: "make one and keep a copy of it: mkdir -p \(plan.dataDirectory)/keys && "
                        + "mjn did new --out \(path)",
                    exitCode: ExitStatus.badInput)
            }
            try KeyFile.writePrivate(Ed25519PrivateKey(), to: path)
        }
        return try KeyFile.readPrivate(path)
    }

    private static func failure(_ error: any Error, keyPath: String) -> any Error {
        switch error {
        case let error as RelayIdentity.SetupError:
            CLIFailure(
                error.description, fix: "put back the key that the relay was made with, at \(keyPath)",
                exitCode: ExitStatus.badInput)
        case let error as RelayFailure:
            CLIFailure(
                "the database does not answer: \(error)", fix: "check it with: mjn doctor",
                exitCode: ExitStatus.unavailable)
        default: error
        }
    }
}
