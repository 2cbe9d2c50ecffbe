import Cryptography
import Foundation
import Service
import ServiceLifecycle
import UnixSignals

extension NodeRuntime {
    /// What the services of a node have in common.
    func serviceConfiguration(_ metrics: MetricsRegistry) -> ServiceConfiguration {
        var configuration = ServiceConfiguration(logger: logger)
        configuration.version = MJN.version
        configuration.metrics = metrics
        configuration.threads = threads
        return configuration
    }

    /// A service's port.
    func port(of name: String) throws(CLIFailure) -> Int {
        guard let port = ServicePorts.port(of: name, offset: plan.portOffset) else {
            throw CLIFailure("--port-offset \(plan.portOffset) leaves no port", exitCode: ExitStatus.usage)
        }
        return port
    }

    /// Runs everything until SIGTERM or SIGINT.
    func run(
        _ parts: [Part], _ keys: NodeKeys?, _ database: NodeDatabase, onReady: @escaping @Sendable (Ready) -> Void
    ) async throws {
        guard !EarlyStop.isAsked else { return }
        let host = plan.settings.host
        let ready = BackgroundWork {
            var services: [(name: String, url: String)] = []
            for part in parts {
                guard let port = try? await part.http.boundPort() else { return }
                services.append((part.http.name, "http://\(host):\(port)"))
            }
            for part in parts { await part.settle() }
            onReady(
                Ready(
                    databaseURL: database.url, services: services, node: keys.map { ($0.nodeDID, $0.nodePath) },
                    serviceKeyPath: plan.isDevelopment ? keys?.servicePath : nil, solana: plan.localSolana))
        }
        let services: [any ServiceLifecycle.Service] =
            parts.flatMap(\.background) as [any ServiceLifecycle.Service] + [ready] + parts.map(\.http)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: quietLogger()))
        try await group.run()
    }
}

/// Work that goes on until the node stops.
struct BackgroundWork: ServiceLifecycle.Service {
    let body: @Sendable () async -> Void

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await body() }
                group.addTask { try? await gracefulShutdown() }
                // The work may end by itself; the service ends with the node.
                await group.next()
                if !Task.isShuttingDownGracefully { await group.next() }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
        }
    }
}
