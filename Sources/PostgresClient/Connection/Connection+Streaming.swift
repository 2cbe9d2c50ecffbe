import CPostgres

extension Connection {
    /// Reads a result of any size row by row, in bounded memory.
    ///
    /// A body that throws stops the statement on the server; the connection stays usable, and the error is thrown on.
    /// Inside the body the connection cannot be used for anything else.
    /// - Parameter timeoutSeconds: a limit for the whole stream, the body's time included.
    /// - Returns: the number of rows.
    @discardableResult
    public func stream(
        _ sql: String, _ values: [Parameter] = [], timeoutSeconds: Double? = nil, _ body: (Row) throws -> Void
    ) throws -> Int {
        let parameters = Parameters(values)
        if let failure = parameters.failure { throw failure }
        let exchange = try begin(nil, sql: sql, timeoutSeconds: timeoutSeconds)
        return try stream(exchange, body) { handle in
            parameters.withBinding {
                PQsendQueryParams(handle, sql, $0.count, $0.types, $0.values, $0.lengths, $0.formats, 1)
            }
        }
    }

    /// Reads the result of a prepared statement row by row, in bounded memory.
    @discardableResult
    public func stream(
        _ statement: Statement, _ values: [Parameter] = [], timeoutSeconds: Double? = nil,
        _ body: (Row) throws -> Void
    ) throws -> Int {
        let parameters = Parameters(values)
        if let failure = parameters.failure { throw failure }
        let name = try prepare(statement, parameters.types, timeoutSeconds: timeoutSeconds)
        let exchange = try begin(statement.name, sql: statement.sql, timeoutSeconds: timeoutSeconds)
        return try stream(exchange, body) { handle in
            parameters.withBinding { PQsendQueryPrepared(handle, name, $0.count, $0.values, $0.lengths, $0.formats, 1) }
        }
    }

    private func stream(
        _ begun: Exchange, _ body: (Row) throws -> Void, send: (OpaquePointer) -> Int32
    ) throws -> Int {
        var exchange = begun
        var count = 0
        var thrown: (any Error)?
        isBusy = true
        defer { isBusy = false }
        do throws(PostgresError) {
            try run(
                &exchange,
                send: { handle in
                    let sent = send(handle)
                    return sent == 1 ? PQsetSingleRowMode(handle) : sent
                },
                take: { result in
                    let rows = Rows(result)
                    guard thrown == nil, rows.count > 0 else { return }
                    do {
                        for row in rows { try body(row) }
                        count += rows.count
                    } catch {
                        thrown = error
                        // The remaining rows, up to the server's answer to this, are skipped.
                        cancelRequest = handle.flatMap { CancelRequest($0) }
                    }
                })
        } catch {
            throw thrown ?? error
        }
        if let thrown { throw thrown }
        return count
    }
}
