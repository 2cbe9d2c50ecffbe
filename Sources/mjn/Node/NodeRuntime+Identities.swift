import Cryptography
import HTTPClient
import LedgerStore
import Logging
import Pay
import Registry
import Service
import Settlement

extension NodeRuntime {
    /// Whose keys count, live: the directory that answers, and the sync that keeps it in step with the relay.
    struct Identities: Sendable {
        let directory: IdentityDirectory
        let sync: IdentitySync
        let client: HTTPClient?

        func close() async { await client?.shutdown() }
    }

    /// How long a node that comes up waits for its copy of identities to be fresh, before it says that it serves.
    static let freshWaitSeconds: Int64 = 5

    /// Reads the copy of identities into memory.
    /// - Parameters:
    ///   - sessions: loses the session keys of keys that were retired.
    ///   - manifests: forgets what signers verified under keys that may have changed.
    func openIdentities(
        _ keys: NodeKeys, _ store: PostgresLedgerStore, _ callers: CallerCache, _ sessions: SessionKeyStore,
        _ manifests: ManifestCache
    ) async throws -> Identities {
        let nodeDID = keys.nodeDID
        let directory = IdentityDirectory(
            reading: store, clock: SystemClock.milliseconds,
            isNamed: { $0 == nodeDID || callers.grant(for: $0) != nil })
        let client = try relayClient()
        var log: HTTPRelayLog?
        if let client, let relay = plan.followedRelay {
            log = HTTPRelayLog(address: relay, http: client)
        }
        let logger = logger
        let sync = IdentitySync(
            IdentitySync.Parts(
                store: store, log: log, directory: directory,
                maxAgeMs: Int64(plan.settings.identityMaxAgeSeconds) * 1000, clock: SystemClock.milliseconds,
                logger: logger,
                onChanged: { changed in
                    manifests.removeAll(signedBy: Set(changed.map(\.did)))
                    for authority in changed where !authority.retiredKeys.isEmpty {
                        do {
                            try await sessions.revoke(authority.did, keeping: authority.currentKeys)
                        } catch {
                            // Each use asks whether the key still counts, so that nothing is let in by this.
                            logger.warning("ending session keys failed", metadata: ["reason": "\(error)"])
                        }
                    }
                }))
        do {
            try await sync.begin()
        } catch {
            await client?.shutdown()
            throw error
        }
        return Identities(directory: directory, sync: sync, client: client)
    }

    /// Reaches wherever the operator's relay is.
    private func relayClient() throws(CLIFailure) -> HTTPClient? {
        guard plan.followedRelay != nil else { return nil }
        do {
            return try HTTPClient(HTTPClientConfiguration(egress: .any, userAgent: "mjn/\(MJN.version)"))
        } catch {
            throw CLIFailure("\(error)", exitCode: ExitStatus.unavailable)
        }
    }
}

extension NodeRuntime.Plan {
    /// The address of the relay whose log pay follows: the operator's, else that of the same node's registry; nil where
    /// there is none. Which relay it is, the relay says: its own registry is one relay at every address.
    var followedRelay: String? {
        switch settings.relayURL {
        case .off: return nil
        case .address(let address): return address
        case .ownRegistry:
            guard services.contains("registry"), let port = ServicePorts.port(of: "registry", offset: portOffset),
                settings.relay.capabilities.log, let path = settings.relay.basePaths.first
            else { return nil }
            return "http://\(reachableHost):\(port)\(path)"
        }
    }

    /// Where the services of this process are reached from itself.
    private var reachableHost: String {
        switch settings.host {
        case "0.0.0.0", "": "127.0.0.1"
        case "::": "[::1]"
        case let host: host.contains(":") ? "[\(host)]" : host
        }
    }
}
