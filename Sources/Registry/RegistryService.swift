public import Service

/// Registry: the DFOS relay over HTTP.
///
/// A value of dependencies; ``routes`` and ``dialect`` are what an `HTTPService` serves. Safe from any thread.
public struct RegistryService: Sendable {
    let relay: Relay
    /// How the relay's paths answer.
    public let dialect: Dialect

    /// Registry with this relay.
    public init(_ relay: Relay) {
        self.relay = relay
        dialect = RelayDialect.make(basePaths: relay.settings.basePaths)
    }

    /// The route table.
    public var routes: [Route] {
        let all =
            discoveryRoutes + operationRoutes + chainRoutes + revocationRoutes + indexRoutes + blobRoutes
            + mailboxRoutes
        return relay.settings.basePaths.flatMap { base in all.map { $0.mounted(at: base, relay, dialect: dialect) } }
            + bindingRoutes
    }

    /// Reads from the store.
    /// - Throws: `overloaded`, `database_unavailable`, `internal_error`.
    func read<T: Sendable>(_ body: () async throws(RelayFailure) -> T) async throws(Problem) -> T {
        do throws(RelayFailure) {
            return try await body()
        } catch {
            throw Problem(error)
        }
    }

    static func notFound() -> Problem { Problem(.notFound, "not found") }
}
