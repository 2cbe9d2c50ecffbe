public import Logging
public import PostgresClient

/// The relay on Postgres. Reads run on whichever connection of the pool is free and see what is committed; every write
/// is one transaction that first locks the relay's row, which puts all writes, of all processes, in one order.
///
/// Safe from any thread. The pools belong to whoever made them.
public final class RelayStore: Sendable {
    private let reads: PostgresPool
    private let writes: PostgresPool
    private let logger: Logger

    /// A store on pools whose connections are ``inSchema(_:)``. The schema must be migrated.
    ///
    /// - Parameter writes: of one connection: writes stand in line for the relay's row anyway, and would take every
    ///   connection from the reads while they do.
    public init(reads: PostgresPool, writes: PostgresPool, logger: Logger) {
        self.reads = reads
        self.writes = writes
        self.logger = logger
    }

    /// The settings that every connection of this store needs: its schema, and no plans that read whole tables. A
    /// table that is small when a statement is first planned does not stay small, and the plan stays.
    public static func inSchema(_ database: PostgresConfiguration) -> PostgresConfiguration {
        var database = database
        database.settings["search_path"] = RegistryMigrations.schema
        database.settings["enable_hashjoin"] = "off"
        database.settings["enable_mergejoin"] = "off"
        database.settings["enable_seqscan"] = "off"
        return database
    }

    /// Runs reads on one connection. No transaction: each statement sees what is committed when it begins.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws(RelayFailure) -> Value {
        do {
            return try await reads.run(body)
        } catch {
            throw failure(error)
        }
    }

    /// Runs a transaction that writes, tried again where it cannot have been committed.
    ///
    /// The body may run several times: what it returns is that of the run that was committed.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws(RelayFailure) -> Value {
        do {
            return try await writes.transaction(body)
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: any Error) -> RelayFailure {
        let failure = RelayFailure(error)
        if case .rejected(let why) = failure { logger.error("the database refused", metadata: ["error": .string(why)]) }
        return failure
    }

    /// Locks the relay's row until the transaction ends, so that whatever follows is decided on the latest state.
    static let lock = Statement("registry_lock", "SELECT head_position FROM relay WHERE id = 1 FOR UPDATE")
}
