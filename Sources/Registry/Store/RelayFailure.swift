import PostgresClient
import Service

/// Why the relay's store could not do what it was asked.
public enum RelayFailure: Error, Hashable, Sendable {
    /// Too much waits for the database.
    case overloaded
    /// The database does not answer; what was written may be there nevertheless: send it again, it is found then.
    case databaseUnavailable(String)
    /// The database refused: a mistake of this program, or a schema that is not the one it knows.
    case rejected(String)

    /// What an error of a job on the pool means.
    init(_ error: any Error) {
        guard let error = error as? PostgresError else {
            self = .rejected(String(reflecting: error))
            return
        }
        switch error.kind {
        case .poolExhausted: self = .overloaded
        case .unavailable, .connectionLost, .timeout, .cancelled, .closed:
            self = .databaseUnavailable(error.description)
        case .server: self = error.isRetryable ? .databaseUnavailable(error.description) : .rejected(error.description)
        case .decoding, .parameter, .misuse, .configuration: self = .rejected(error.description)
        }
    }
}

extension Problem {
    /// What a failure of the store means to a caller.
    init(_ failure: RelayFailure) {
        switch failure {
        case .overloaded: self.init(.overloaded)
        case .databaseUnavailable: self.init(.databaseUnavailable)
        case .rejected: self.init(.internalError)
        }
    }
}
