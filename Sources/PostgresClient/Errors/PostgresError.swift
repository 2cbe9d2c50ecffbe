/// What went wrong between this program and Postgres.
///
/// Messages never hold parameters, row values or passwords: they are safe to log and to show to an operator.
public struct PostgresError: Error, Sendable, Equatable {
    /// The sort of failure, independent of the SQLSTATE.
    public enum Kind: String, Sendable, Equatable, CaseIterable {
        /// No connection could be made: the server is down, starting, refuses us or has no room.
        case unavailable = "postgres_unavailable"
        /// An open connection broke.
        case connectionLost = "postgres_connection_lost"
        /// The deadline of the call passed.
        case timeout = "postgres_timeout"
        /// The caller, or an administrator, cancelled the statement.
        case cancelled = "postgres_cancelled"
        /// The server refused the statement; `sqlState` says why.
        case server = "postgres_server"
        /// The pool's waiting queue is full, or no connection came free in time.
        case poolExhausted = "postgres_pool_exhausted"
        /// The pool or the connection was closed by its owner.
        case closed = "postgres_closed"
        /// A value of a result is not of the type that was asked for.
        case decoding = "postgres_decoding"
        /// A parameter cannot be represented, for instance a timestamp out of range.
        case parameter = "postgres_parameter"
        /// The connection was used against its rules.
        case misuse = "postgres_misuse"
        /// The connection string cannot be used.
        case configuration = "postgres_configuration"
    }

    /// The sort of failure.
    public var kind: Kind
    /// The five characters of the server's SQLSTATE, where the server answered.
    public var sqlState: String?
    /// One line for the log, without values.
    public var message: String
    /// The name of the prepared statement that failed.
    public var statement: String?
    /// The violated constraint, where the server names it. Citus does not.
    public var constraint: String?
    /// True when the work may have been committed nevertheless: read it back before trying again.
    public var outcomeUnknown: Bool

    /// Makes an error.
    public init(
        _ kind: Kind,
        _ message: String,
        sqlState: String? = nil,
        statement: String? = nil,
        constraint: String? = nil,
        outcomeUnknown: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
        self.statement = statement
        self.constraint = constraint
        self.outcomeUnknown = outcomeUnknown
    }

    /// The stable code of the failure, the raw value of its kind.
    public var code: String { kind.rawValue }

    /// Whether the same transaction may succeed when it is tried again from its start.
    ///
    /// Only when `outcomeUnknown` is false may it be tried again blindly.
    public var isRetryable: Bool {
        switch kind {
        case .unavailable, .connectionLost, .poolExhausted: true
        case .server, .cancelled: sqlState.map(SQLState.isTransient) ?? false
        case .timeout, .closed, .decoding, .parameter, .misuse, .configuration: false
        }
    }

    /// Whether a unique or exclusion constraint refused the row.
    public var isUniqueViolation: Bool { sqlState == SQLState.uniqueViolation }

    /// Returns the same error with its outcome marked as unknown.
    package func withUnknownOutcome() -> PostgresError {
        var copy = self
        copy.outcomeUnknown = true
        return copy
    }
}

extension PostgresError: CustomStringConvertible {
    /// One line for the log: code, SQLSTATE, statement and message.
    public var description: String {
        var line = code
        if let sqlState { line += " [\(sqlState)]" }
        if let statement { line += " in \(statement)" }
        if outcomeUnknown { line += " (outcome unknown)" }
        return line + ": " + message
    }
}
