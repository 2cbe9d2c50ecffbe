import CPostgres

/// The statements of one pipeline: sent one behind the other, answered together, committed together.
public struct Pipeline {
    /// The most statements in one pipeline; more would let the server's unread answers fill both sockets' buffers.
    public static let statementsMax = 1024

    let connection: Connection
    var steps: [Step] = []
    var exchange: Exchange

    /// What was sent, in order.
    enum Step {
        case prepare(Statement, serverName: String, types: [UInt32])
        case query(String?)
    }

    /// Sends a prepared statement; at its first use on the connection it is prepared within the pipeline.
    ///
    /// The parameters are copied: the caller may reset and refill them for the next statement.
    /// - Throws: `parameter`, `misuse`, `connectionLost`; the whole pipeline is then rolled back.
    public mutating func send(_ statement: Statement, _ parameters: Parameters) throws(PostgresError) {
        if let failure = parameters.failure { throw failure }
        let name: String
        if let known = try connection.preparedName(statement, parameters.types) ?? pending(statement) {
            name = known
        } else {
            name = try prepare(statement, parameters.types)
        }
        try send(.query(statement.name)) { handle in
            parameters.withBinding { PQsendQueryPrepared(handle, name, $0.count, $0.values, $0.lengths, $0.formats, 1) }
        }
    }

    /// Sends a prepared statement with parameters given as values.
    public mutating func send(_ statement: Statement, _ values: [Parameter] = []) throws(PostgresError) {
        try send(statement, Parameters(values))
    }

    /// Sends a statement that is not kept prepared.
    public mutating func send(_ sql: String, _ values: [Parameter] = []) throws(PostgresError) {
        let parameters = Parameters(values)
        if let failure = parameters.failure { throw failure }
        try send(.query(nil)) { handle in
            parameters.withBinding {
                PQsendQueryParams(handle, sql, $0.count, $0.types, $0.values, $0.lengths, $0.formats, 1)
            }
        }
    }

    private mutating func prepare(_ statement: Statement, _ types: [UInt32]) throws(PostgresError) -> String {
        let name = connection.freshName(statement)
        try send(.prepare(statement, serverName: name, types: types)) { handle in
            PQsendPrepare(handle, name, statement.sql, Int32(truncatingIfNeeded: types.count), types)
        }
        return name
    }

    /// The server's name of a statement that this pipeline prepares.
    private func pending(_ statement: Statement) -> String? {
        for case .prepare(statement, let name, _) in steps { return name }
        return nil
    }

    private mutating func send(_ step: Step, _ call: (OpaquePointer) -> Int32) throws(PostgresError) {
        guard steps.count < Self.statementsMax else {
            throw PostgresError(.misuse, "more than \(Self.statementsMax) statements in one pipeline")
        }
        guard let handle = connection.handle else { throw connection.lostError(exchange) }
        guard call(handle) == 1 else { throw connection.sendFailure(exchange) }
        steps.append(step)
    }
}
