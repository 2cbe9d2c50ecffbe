import Logging
import PostgresClient

/// The node's database: the one that `DATABASE_URL` names, or the private one of the data directory.
struct NodeDatabase: Sendable {
    let url: String
    let configuration: PostgresConfiguration
    private let cluster: EmbeddedCluster?

    /// Whether Postgres is the node's own.
    var isEmbedded: Bool { cluster != nil }

    /// Connects nothing yet, but starts the private Postgres, or attaches to it.
    static func open(
        _ settings: NodeSettings, dataDirectory: String, say: @escaping @Sendable (String) -> Void
    ) async throws -> NodeDatabase {
        if let url = settings.databaseURL {
            return NodeDatabase(url: url, configuration: try configuration(url), cluster: nil)
        }
        let cluster = EmbeddedCluster(dataDirectory: dataDirectory) { event in
            switch event {
            case .message(let text): say(text)
            case .died(let why): say("Postgres died (\(why)); starting it again")
            case .restarted: say("Postgres takes connections again")
            case .gaveUp(let why): say("Postgres stays down: \(why)")
            case .started: break
            }
        }
        do {
            let url = try await cluster.start()
            return NodeDatabase(url: url, configuration: try configuration(url), cluster: cluster)
        } catch let error as ClusterError {
            throw CLIFailure(error.message, fix: error.fix, exitCode: ExitStatus.unavailable)
        }
    }

    /// Leaves the private Postgres; the last process to leave stops it.
    func close() async { await cluster?.stop() }

    private static func configuration(_ url: String) throws(CLIFailure) -> PostgresConfiguration {
        do {
            return try PostgresConfiguration(databaseURL: url)
        } catch {
            throw CLIFailure(
                "DATABASE_URL makes no sense: \(error.message)",
                fix: "give a connection string such as postgresql://user@host/database", exitCode: ExitStatus.usage)
        }
    }
}
