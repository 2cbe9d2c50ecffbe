import HummingbirdCore
import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

/// One HTTP service: its routes, and `/api/health`, `/api/ready`, `/api/spec` and `/metrics`, on one address.
///
/// Told to stop, it accepts no more connections, finishes the requests in flight within
/// `ServiceTimeouts.shutdownMilliseconds`, and returns from `run`.
public final class HTTPService: Service {
    /// The service's name, `pay`.
    public let name: String
    /// The specification, JSON, as `GET /api/spec` answers it.
    public let specification: [UInt8]

    private let host: String
    private let port: Int
    private let core: ServiceCore
    private let configuration: ServiceConfiguration
    private let listening: Listening

    /// Checks the route table and makes the service; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 for any free one; see `boundPort()`.
    /// - Throws: `ServiceSetupError`.
    public init(
        name: String, host: String = "127.0.0.1", port: Int, routes: [Route], configuration: ServiceConfiguration
    ) throws(ServiceSetupError) {
        var own = routes
        let readiness = Readiness(configuration)
        own += BuiltInRoutes.status(service: name, readiness: readiness, metrics: configuration.metrics)
        let specification = SpecificationBox()
        own.append(BuiltInRoutes.specification(specification))
        try OpenAPIDocument.check(own)
        let document = OpenAPIDocument(
            service: name, version: configuration.version, about: configuration.about, routes: own
        ).json()
        specification.set(document)
        self.name = name
        self.specification = document
        self.host = host
        self.port = port
        self.configuration = configuration
        core = try ServiceCore(name: name, routes: own, configuration: configuration)
        listening = Listening()
    }

    /// Listens and serves until the service is told to stop.
    ///
    /// - Throws: what binding the address throws, such as that it is in use.
    public func run() async throws {
        let address = BindAddress.hostname(host, port: port)
        let logger = configuration.logger
        var serverLogger = logger
        // The server says that it listens in its own words; this one says it below, with the service's name.
        serverLogger.logLevel = max(logger.logLevel, .warning)
        let server = ServiceChannel(core: core).server(
            configuration: ServerConfiguration(
                address: address, backlog: 1024,
                availableConnectionsDelegate: .maximum(configuration.connectionsMax, logger: serverLogger)),
            onServerRunning: { [listening, name] channel in
                let port = channel.localAddress?.port ?? 0
                logger.info("listening", metadata: ["service": .string(name), "port": .stringConvertible(port)])
                listening.succeed(port)
            },
            eventLoopGroup: configuration.threads.group, logger: serverLogger)
        do {
            try await server.run()
        } catch let error as IOError {
            let failure = ServiceListenError(host: host, port: port, errnoCode: error.errnoCode)
            listening.fail(failure)
            throw failure
        } catch {
            listening.fail(error)
            throw error
        }
        listening.fail(ServiceSetupError("the service has stopped"))
        logger.info("stopped", metadata: ["service": .string(name)])
    }

    /// The port it listens on, once it does.
    ///
    /// - Throws: what kept it from listening.
    public func boundPort() async throws -> Int { try await listening.port() }
}
