import CPostgres

/// The state of one exchange with the server: what was asked, until when, and what it may have committed.
struct Exchange {
    /// What an exchange may commit when its answer is lost.
    enum Risk {
        /// Nothing: it runs inside a transaction that stays open, or it has no effect.
        case none
        /// The statement itself, which is its own transaction.
        case statement
        /// The transaction that it ends.
        case commit
    }

    /// The name or the first word of the statement, for errors.
    var statement: String?
    var deadline: Deadline
    var risk: Risk
    /// Whether an interrupt stops it.
    var isInterruptible = true
    /// Whether the server is asked to cancel it at the deadline; otherwise the connection is given up.
    var isCancellable = true
    /// Why a cancellation was asked for, if one was.
    var stopped: PostgresError.Kind?
    /// Whether the connection broke.
    var isLost = false
    /// The first failure.
    var failure: PostgresError?

    func stopError(_ kind: PostgresError.Kind, _ outcomeUnknown: Bool, sqlState: String? = nil) -> PostgresError {
        PostgresError(
            kind, kind == .timeout ? "the statement took longer than it may" : "the statement was cancelled",
            sqlState: sqlState, statement: statement, outcomeUnknown: outcomeUnknown)
    }

    /// Classifies a failure by what the exchange may have committed.
    mutating func record(_ error: PostgresError, atCommit: Bool = false) {
        guard failure == nil else { return }
        var error = error
        if error.statement == nil { error.statement = statement }
        if error.sqlState == SQLState.queryCanceled, let stopped {
            error = stopError(stopped, false, sqlState: error.sqlState)
        }
        let commits = risk == .commit && atCommit
        let open = error.sqlState.map(SQLState.leavesCommitOpen) ?? true
        let isCancelOfStatement = error.sqlState == SQLState.queryCanceled && !commits
        if risk != .none, open, !isCancelOfStatement { error.outcomeUnknown = true }
        failure = error
    }
}
