import CPostgres

extension Connection {
    /// Runs a prepared statement, which is prepared at its first use on this connection.
    ///
    /// Outside of a transaction the statement is a transaction of its own.
    /// - Parameter timeoutSeconds: a limit for this call; the connection's own when left out.
    /// - Throws: the server's refusal as kind `server`; `timeout`, `cancelled`, `connectionLost`, `parameter`,
    ///   `misuse`.
    ///   `outcomeUnknown` is set when the answer was lost and the statement was not inside an open transaction.
    @discardableResult
    public func query(
        _ statement: Statement, _ parameters: Parameters, timeoutSeconds: Double? = nil
    ) throws(PostgresError) -> Rows {
        if let failure = parameters.failure { throw failure }
        let name = try prepare(statement, parameters.types, timeoutSeconds: timeoutSeconds)
        var exchange = try begin(statement.name, sql: statement.sql, timeoutSeconds: timeoutSeconds)
        return try rows(&exchange) { handle in
            parameters.withBinding { PQsendQueryPrepared(handle, name, $0.count, $0.values, $0.lengths, $0.formats, 1) }
        }
    }

    /// Runs a prepared statement with parameters given as values.
    @discardableResult
    public func query(
        _ statement: Statement, _ values: [Parameter] = [], timeoutSeconds: Double? = nil
    ) throws(PostgresError) -> Rows {
        try query(statement, Parameters(values), timeoutSeconds: timeoutSeconds)
    }

    /// Runs one statement that is not kept prepared. Throws as the prepared form does.
    @discardableResult
    public func query(
        _ sql: String, _ parameters: Parameters, timeoutSeconds: Double? = nil
    ) throws(PostgresError) -> Rows {
        if let failure = parameters.failure { throw failure }
        var exchange = try begin(nil, sql: sql, timeoutSeconds: timeoutSeconds)
        return try rows(&exchange) { handle in
            parameters.withBinding {
                PQsendQueryParams(handle, sql, $0.count, $0.types, $0.values, $0.lengths, $0.formats, 1)
            }
        }
    }

    /// Runs one statement that is not kept prepared, with parameters given as values.
    @discardableResult
    public func query(
        _ sql: String, _ values: [Parameter] = [], timeoutSeconds: Double? = nil
    ) throws(PostgresError) -> Rows {
        try query(sql, Parameters(values), timeoutSeconds: timeoutSeconds)
    }

    /// Runs one or several statements without parameters and drops their rows.
    ///
    /// Several statements outside of a transaction form one transaction, unless they contain BEGIN or COMMIT.
    public func execute(_ sql: String, timeoutSeconds: Double? = nil) throws(PostgresError) {
        var exchange = try begin(nil, sql: sql, timeoutSeconds: timeoutSeconds)
        try run(&exchange, send: { PQsendQuery($0, sql) }, take: { PQclear($0) })
    }

    /// Prepares a statement unless that was done, and returns the name that the server knows it by.
    func prepare(
        _ statement: Statement, _ types: [UInt32], timeoutSeconds: Double?
    ) throws(PostgresError) -> String {
        if let name = try preparedName(statement, types) { return name }
        let name = freshName(statement)
        var exchange = try begin(statement.name, sql: "", timeoutSeconds: timeoutSeconds)
        exchange.risk = .none
        try run(
            &exchange,
            send: { PQsendPrepare($0, name, statement.sql, Int32(truncatingIfNeeded: types.count), types) },
            take: { PQclear($0) })
        prepared[statement.name] = PreparedStatement(serverName: name, sql: statement.sql, types: types)
        return name
    }

    /// The server's name of a prepared statement, or nil when it must be prepared first.
    func preparedName(_ statement: Statement, _ types: [UInt32]) throws(PostgresError) -> String? {
        guard let known = prepared[statement.name] else { return nil }
        guard known.types == types, known.sql == statement.sql else {
            throw PostgresError(
                .misuse, "the name stands for another text or other parameter types", statement: statement.name)
        }
        return known.serverName
    }

    func freshName(_ statement: Statement) -> String {
        preparedAgain == 0 ? statement.name : "\(statement.name)~\(preparedAgain)"
    }

    private func rows(
        _ exchange: inout Exchange, send: (OpaquePointer) -> Int32
    ) throws(PostgresError) -> Rows {
        var last: Rows?
        try run(&exchange, send: send, take: { last = Rows($0) })
        guard let last else { throw PostgresError(.misuse, "the statement is empty", statement: exchange.statement) }
        return last
    }
}
