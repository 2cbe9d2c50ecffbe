/// The SQLSTATEs that the program acts on.
///
/// Source: the PostgreSQL manual, appendix A, "PostgreSQL Error Codes".
public enum SQLState {
    /// A unique constraint refused the row.
    public static let uniqueViolation = "23505"
    /// A check constraint refused the row.
    public static let checkViolation = "23514"
    /// A foreign key refused the row.
    public static let foreignKeyViolation = "23503"
    /// The transaction could not be serialised.
    public static let serializationFailure = "40001"
    /// A deadlock was resolved against us.
    public static let deadlockDetected = "40P01"
    /// A lock was not to be had within `lock_timeout`.
    public static let lockNotAvailable = "55P03"
    /// The statement was cancelled.
    public static let queryCanceled = "57014"
    /// An internal error; from a distributed engine at COMMIT it leaves the outcome open.
    public static let internalError = "XX000"

    /// Whether a transaction refused with this state may succeed when tried again from its start.
    ///
    /// Serialisation failures, deadlocks, lock timeouts, shutdown and start-up, connection errors, lack of resources.
    public static func isTransient(_ state: String) -> Bool {
        switch state {
        case serializationFailure, deadlockDetected, lockNotAvailable, "57P01", "57P02", "57P03": true
        default: state.hasPrefix("08") || state.hasPrefix("53")
        }
    }

    /// Whether this state, met while a transaction was being committed, leaves open whether it was.
    static func leavesCommitOpen(_ state: String) -> Bool {
        state == internalError || state.hasPrefix("08") || state.hasPrefix("57P") || state == "40003"
            || state == queryCanceled
    }

    /// The kind of error that a state stands for.
    static func kind(of state: String) -> PostgresError.Kind {
        switch state {
        case queryCanceled: .cancelled
        case "57P01", "57P02", "57P05": .connectionLost
        case "57P03": .unavailable
        default: state.hasPrefix("08") ? .connectionLost : .server
        }
    }
}
