public import Logging
import NIOPosix

/// Threads that serve connections, shared by the services of a process.
public final class ServiceThreads: Sendable {
    let group: MultiThreadedEventLoopGroup

    /// Starts `count` threads. They live as long as the process.
    ///
    /// - Precondition: `count` is 1 or more.
    public init(count: Int) {
        precondition(count >= 1, "a service needs a thread")
        group = MultiThreadedEventLoopGroup(numberOfThreads: count)
    }

    /// As many threads as the machine has cores; made when first asked for.
    public static let perCore = ServiceThreads(group: .singleton)

    private init(group: MultiThreadedEventLoopGroup) { self.group = group }
}

/// A named condition of `GET /api/ready`.
public struct ReadinessCheck: Sendable {
    /// The name in the reply.
    public let name: String
    /// Whether the service cannot serve without it. One that is not is shown, and leaves the service ready: a balancer
    /// that took every process out for it would make a small trouble a large one.
    public let isEssential: Bool
    /// Throws when the condition does not hold. A `Problem`'s detail is shown in the reply, any other error as
    /// `failed`, with the error in the log.
    public let check: @Sendable () async throws -> Void

    /// Makes a check.
    public init(_ name: String, isEssential: Bool = true, _ check: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.isEssential = isEssential
        self.check = check
    }
}

/// How a service is set up, beyond its name, address and routes.
public struct ServiceConfiguration: Sendable {
    /// The version in the specification.
    public var version = "0.1.0"
    /// What the service is, for the specification.
    public var about = ""
    /// What signatures it accepts; needed when a route is signed.
    public var signatures: SignaturePolicy?
    /// The conditions of `GET /api/ready`.
    public var checks: [ReadinessCheck] = []
    /// Where it counts.
    public var metrics = MetricsRegistry()
    /// Where it logs.
    public var logger: Logger
    /// Parts of the service that answer in the words of a protocol of their own, by path.
    public var dialects: [Dialect] = []
    /// Unix milliseconds.
    public var clock: @Sendable () -> Int64 = SystemClock.milliseconds
    /// Time limits.
    public var timeouts = ServiceTimeouts()
    /// Connections at one time; past it new ones wait in the system's queue until one ends.
    public var connectionsMax = 10_000
    /// Bytes of request bodies in memory at one time; past it 503 `overloaded`.
    public var bodiesInMemory = ServiceLimits.bodiesInMemory
    /// The threads that serve it.
    public var threads: ServiceThreads = .perCore

    /// The defaults, with this logger.
    public init(logger: Logger) { self.logger = logger }
}

/// The port of each service.
public enum ServicePorts {
    private static let ports: [String: Int] = [
        "www": 3000, "auth": 3001, "registry": 3002, "connections": 3003, "pay": 3004, "profile": 3005, "events": 3006,
        "chat": 3007, "notify": 3008, "media": 3009, "coffee": 3100, "dykil": 3101, "links": 3102, "learn": 3103,
        "market": 3104,
    ]

    /// The services' names, sorted by port.
    public static let services = ports.sorted { $0.value < $1.value }.map(\.key)

    /// The service's port plus `offset`; nil for an unknown service or when that is not a port.
    public static func port(of service: String, offset: Int = 0) -> Int? {
        guard let port = ports[service] else { return nil }
        let (moved, isOver) = port.addingReportingOverflow(offset)
        return !isOver && (1...65_535).contains(moved) ? moved : nil
    }
}
