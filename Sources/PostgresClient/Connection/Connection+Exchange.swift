import CPostgres

extension Connection {
    /// Begins an exchange: the connection must be open, idle and not interrupted.
    func begin(
        _ statement: String?, sql: String, timeoutSeconds: Double?, isCleanup: Bool = false
    ) throws(PostgresError) -> Exchange {
        guard !isBusy else {
            throw PostgresError(.misuse, "the connection is in the middle of a stream or a pipeline")
        }
        noticeEnd()
        guard let handle, PQstatus(handle) == CONNECTION_OK else {
            close()
            throw PostgresError(.connectionLost, "the connection to the database is gone", statement: statement)
        }
        if !isCleanup, interrupter.isRaised {
            throw PostgresError(.cancelled, "cancelled before the statement was sent", statement: statement)
        }
        notices.reset()
        let limit = Deadline.after(seconds: timeoutSeconds ?? statementTimeoutSeconds)
        var exchange = Exchange(statement: statement, deadline: isCleanup ? limit : min(limit, deadline), risk: .none)
        if exchange.deadline.hasPassed {
            throw PostgresError(.timeout, "no time was left to send the statement", statement: statement)
        }
        exchange.isInterruptible = !isCleanup
        if PQtransactionStatus(handle) == PQTRANS_IDLE {
            exchange.risk = .statement
        } else if Self.endsTransaction(sql) {
            exchange.risk = .commit
            exchange.isInterruptible = false
            exchange.isCancellable = false
        }
        return exchange
    }

    /// Whether a text begins with the word COMMIT or END.
    private static func endsTransaction(_ sql: String) -> Bool {
        let word = sql.utf8.drop { $0 <= 0x20 }.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a }
        let lower = word.prefix(7).map { $0 | 0x20 }
        return lower == Array("commit".utf8) || lower == Array("end".utf8)
    }

    /// Runs one exchange to its end: sends, then takes results until there are no more.
    ///
    /// Every result that is no error goes to `take`, which owns it.
    func run(
        _ exchange: inout Exchange, send: (OpaquePointer) -> Int32, take: (OpaquePointer) -> Void
    ) throws(PostgresError) {
        guard let handle else { throw lostError(exchange) }
        guard send(handle) == 1 else { throw sendFailure(exchange) }
        try flush(&exchange)
        while let result = try nextResult(&exchange) {
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: take(result)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                PQclear(result)
                close()
                throw PostgresError(.misuse, "COPY runs through copyIn and copyOut", statement: exchange.statement)
            default:
                absorb(result, into: &exchange)
            }
            if handle != self.handle { break }
        }
        try finish(&exchange)
    }

    /// Records an error result and clears it; an error that ended the session closes the connection.
    func absorb(_ result: OpaquePointer, into exchange: inout Exchange, atCommit: Bool = true) {
        guard let handle else { return PQclear(result) }
        let error = PostgresError.from(result: result, connection: handle, statement: exchange.statement)
        let ends = PostgresError.endsSession(result) || PQstatus(handle) == CONNECTION_BAD
        PQclear(result)
        exchange.record(ends && error.kind == .server ? lostError(exchange, error) : error, atCommit: atCommit)
        if ends { close() }
    }

    private func lostError(_ exchange: Exchange, _ cause: PostgresError) -> PostgresError {
        var error = cause
        error.kind = .connectionLost
        error.outcomeUnknown = exchange.risk != .none
        return error
    }

    /// Ends an exchange: throws its failure, or doubts that a warning raised.
    func finish(_ exchange: inout Exchange) throws(PostgresError) {
        settleCancel()
        if exchange.isLost { close() }
        if let failure = exchange.failure {
            forgetStale(failure, exchange.statement)
            throw failure
        }
        if exchange.isLost { throw lostError(exchange) }
        let doubt = notices.commitInDoubt || (exchange.risk == .commit && notices.plainWarning)
        if exchange.risk != .none, doubt {
            throw PostgresError(
                exchange.stopped ?? .cancelled, "the commit was not confirmed by a standby",
                statement: exchange.statement, outcomeUnknown: true)
        }
    }

    /// Forgets a prepared statement that the server no longer has, or whose plan no longer fits the tables; the next
    /// use prepares it again under another name.
    func forgetStale(_ failure: PostgresError, _ name: String?) {
        guard let name, let state = failure.sqlState, state == "26000" || state == "0A000" else { return }
        if prepared.removeValue(forKey: name) != nil { preparedAgain += 1 }
    }

    /// Nothing reached the server: the call was wrong, or the connection had broken before.
    func sendFailure(_ exchange: Exchange) -> PostgresError {
        guard let handle, PQstatus(handle) == CONNECTION_OK else {
            close()
            return PostgresError(
                .connectionLost, "the connection to the database is gone", statement: exchange.statement)
        }
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        return PostgresError(.misuse, Redaction.line(text, secrets: secrets), statement: exchange.statement)
    }
}
