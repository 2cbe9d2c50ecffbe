public import PostgresClient

/// A real Postgres for tests: one server per test process, one fresh database per test.
///
/// The server starts at the first use, in a directory of its own below the system's temporary one; it does not sync
/// to disk. A guardian process removes both when the test process ends, however it ends.
public enum PostgresFixture {
    private static let shared = SharedCluster()

    /// The server of this test process.
    public static func cluster() async throws -> EmbeddedCluster { try await shared.started() }

    /// Makes an empty database and returns its connection string.
    public static func freshDatabase() async throws -> String {
        try await shared.database(from: "template1")
    }

    /// Makes a database that begins as a copy of a prepared one, and returns its connection string.
    ///
    /// - Parameters:
    ///   - template: a name for the preparation, `[a-z0-9_]+`.
    ///   - prepare: fills the template, given its connection string; runs once per test process and name, and must have
    ///     closed its connections when it returns.
    public static func freshDatabase(
        template: String, _ prepare: @escaping @Sendable (String) async throws -> Void
    ) async throws -> String {
        try await shared.database(from: try await shared.template(template, prepare))
    }

    /// Opens a connection with the fixture's usual limits.
    public static func connect(_ databaseURL: String, statementTimeoutSeconds: Double = 60) throws -> Connection {
        try Connection.connect(
            PostgresConfiguration(
                databaseURL: databaseURL, applicationName: "tests",
                statementTimeoutSeconds: statementTimeoutSeconds))
    }
}
