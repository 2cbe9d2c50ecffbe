/// Brings one schema of a database up to date.
///
/// Each service has its own schema and history, kept in the schema's table `mjn_migrations`. Every migration runs in a
/// transaction of its own, with the schema first in `search_path`. Any number of programs may migrate at once: each
/// transaction first locks one row, then reads the history again.
public struct Migrator: Sendable {
    /// Seconds to wait for another program's migration; building an index may take that long.
    static let turnSeconds = 600.0
    /// Seconds that one migration may take.
    static let migrationSeconds = 3600.0
    /// Milliseconds that a statement of a migration waits for a table before it gives way to those who use it.
    static let lockMilliseconds = 2000
    /// How often a migration is tried that met a lock, a deadlock, or a race to create the schema.
    static let attemptsMax = 10

    /// The schema's name.
    public let schema: String
    /// The migrations, 1, 2, 3, …
    public let migrations: [Migration]

    /// Describes a schema's history.
    public init(schema: String, migrations: [Migration]) {
        self.schema = schema
        self.migrations = migrations
    }

    /// Applies what is missing, and returns it.
    ///
    /// - Throws: `MigrationError`; `PostgresError` when the connection fails, or `outcomeUnknown` at a COMMIT: calling
    ///   it again finds out.
    @discardableResult
    public func apply(on connection: Connection) throws -> [Migration] {
        try MigrationHistory.check(schema: schema, migrations)
        try retrying(nil) { try prepare(connection) }
        let checksums = try checksums(connection)
        var done: [Migration] = []
        // One pass more than there are migrations: the last finds nothing to do.
        for _ in 0...migrations.count {
            var current: Migration?
            let applied = try retrying(migrations.dropFirst(done.count).first) {
                try applyNext(connection, checksums, current: &current)
            }
            guard let applied else { break }
            done.append(applied)
        }
        return done
    }

    /// Lists all migrations that the program or the database knows. Changes nothing.
    public func status(on connection: Connection) throws -> [MigrationStatus] {
        try MigrationHistory.check(schema: schema, migrations)
        let checksums = try checksums(connection)
        let table = try connection.query("SELECT to_regclass($1)::text", [.text("\(schema).mjn_migrations")])
        let isThere = try table.one().textOrNil(0) != nil
        return MigrationHistory(
            schema: schema, known: migrations, checksums: checksums, applied: isThere ? try read(connection) : []
        ).status()
    }

    /// Creates the schema, the history and the row to lock.
    private func prepare(_ connection: Connection) throws {
        try connection.execute(
            """
            CREATE SCHEMA IF NOT EXISTS \(schema);
            CREATE TABLE IF NOT EXISTS \(schema).mjn_migrations (
                number integer PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            );
            CREATE TABLE IF NOT EXISTS \(schema).mjn_migrations_turn (id integer PRIMARY KEY);
            INSERT INTO \(schema).mjn_migrations_turn VALUES (1) ON CONFLICT DO NOTHING;
            """)
    }

    /// Applies the next missing migration in a transaction; nil when there is none.
    private func applyNext(
        _ connection: Connection, _ checksums: [String], current: inout Migration?
    ) throws -> Migration? {
        try connection.transaction { connection in
            try connection.query(
                "SELECT id FROM \(schema).mjn_migrations_turn WHERE id = 1 FOR UPDATE",
                timeoutSeconds: Self.turnSeconds)
            let history = MigrationHistory(
                schema: schema, known: migrations, checksums: checksums, applied: try read(connection))
            guard let next = try history.next() else { return nil }
            current = next
            try connection.execute(
                "SET LOCAL lock_timeout = \(Self.lockMilliseconds); SET LOCAL search_path = \(schema), public")
            try run(next, on: connection)
            try connection.query(
                "INSERT INTO \(schema).mjn_migrations (number, name, checksum) VALUES ($1, $2, $3)",
                [.int8(Int64(next.number)), .text(next.name), .text(checksums[next.number - 1])])
            return next
        }
    }

    private func run(_ migration: Migration, on connection: Connection) throws {
        do throws(PostgresError) {
            try connection.execute(migration.sql, timeoutSeconds: Self.migrationSeconds)
        } catch {
            guard error.kind == .server, !error.isRetryable else { throw error }
            throw MigrationError(
                code: .failed, message: "\(migration.file) of schema \(schema): \(error)",
                fix: "correct the migration; nothing of it was kept")
        }
        guard connection.isInTransaction else {
            throw MigrationError(
                code: .failed, message: "\(migration.file) of schema \(schema) ended its transaction itself",
                fix: "take COMMIT and ROLLBACK out of the migration, and look at what it left behind")
        }
    }

    /// Tries again after a lock timeout, a deadlock, or after another program created the same thing first.
    private func retrying<Value>(_ migration: Migration?, _ body: () throws -> Value) throws -> Value {
        for attempt in 1... {
            do {
                return try body()
            } catch let error as PostgresError where isCollision(error) {
                guard attempt < Self.attemptsMax else {
                    throw MigrationError(
                        code: .locked, message: "\(migration?.file ?? "schema \(schema)"): \(error)",
                        fix: "end the long transactions that use its tables, then try again")
                }
            }
        }
        preconditionFailure("the loop above does not end otherwise")
    }

    private func isCollision(_ error: PostgresError) -> Bool {
        switch error.sqlState {
        case SQLState.lockNotAvailable, SQLState.deadlockDetected, SQLState.serializationFailure: true
        // Duplicate schema, table, type or row: IF NOT EXISTS does not hold against one that is being committed.
        case "42P06", "42P07", "42710", SQLState.uniqueViolation: true
        default: false
        }
    }

    private func checksums(_ connection: Connection) throws -> [String] {
        try connection.query(
            "SELECT coalesce(array_agg(encode(sha256(convert_to(sql, 'UTF8')), 'hex') ORDER BY place), '{}')"
                + " FROM unnest($1::text[]) WITH ORDINALITY AS list(sql, place)",
            [.texts(migrations.map(\.sql))]
        ).one().texts(0)
    }

    private func read(_ connection: Connection) throws -> [MigrationHistory.Applied] {
        try connection.query(
            "SELECT number, name, checksum, applied_at FROM \(schema).mjn_migrations ORDER BY number"
        ).map { row in
            MigrationHistory.Applied(
                number: Int(try row.int4(0)), name: try row.text(1), checksum: try row.text(2),
                unixMicroseconds: try row.unixMicroseconds(3))
        }
    }
}
