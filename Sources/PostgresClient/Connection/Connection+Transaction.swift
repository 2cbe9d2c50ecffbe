import CPostgres

/// How much one transaction sees of the others. Source: the PostgreSQL manual, "Transaction Isolation".
public enum IsolationLevel: String, Sendable {
    /// Every statement sees what was committed before it began.
    case readCommitted = "READ COMMITTED"
    /// All statements see one snapshot.
    case repeatableRead = "REPEATABLE READ"
    /// As if transactions ran one after another.
    case serializable = "SERIALIZABLE"
}

extension Connection {
    /// Seconds that a ROLLBACK may take before the connection is given up, which rolls back as well.
    static let rollbackSeconds = 5.0

    /// Runs the body between BEGIN and COMMIT; when it throws, rolls back and throws the same error.
    ///
    /// - Throws: what the body throws; at COMMIT additionally `outcomeUnknown` when its answer was lost or in doubt.
    ///   A body that swallowed a failed statement's error gets kind `server`, since nothing can be committed then.
    ///   Transactions do not nest: kind `misuse`.
    @discardableResult
    public func transaction<Result>(
        isolation: IsolationLevel = .readCommitted,
        readOnly: Bool = false,
        _ body: (Connection) throws -> Result
    ) throws -> Result {
        guard !isInTransaction else { throw PostgresError(.misuse, "a transaction is open already") }
        try command("BEGIN ISOLATION LEVEL \(isolation.rawValue)\(readOnly ? " READ ONLY" : "")", risk: .none)
        let result: Result
        do {
            result = try body(self)
        } catch {
            rollback()
            throw error
        }
        do throws(PostgresError) {
            try commit(risk: readOnly ? .none : .commit)
        } catch {
            rollback()
            throw error
        }
        return result
    }

    private func commit(risk: Exchange.Risk) throws(PostgresError) {
        guard let handle, PQtransactionStatus(handle) == PQTRANS_INTRANS else {
            if !isUsable { throw PostgresError(.connectionLost, "the connection broke inside the transaction") }
            throw PostgresError(.server, "a statement of the transaction had failed", sqlState: "25P02")
        }
        let answer = try command("COMMIT", risk: risk)
        guard answer == "COMMIT" else {
            throw PostgresError(.server, "the server rolled the transaction back", sqlState: "25P02")
        }
    }

    /// Rolls back; when that fails the connection is closed, which has the same effect.
    private func rollback() {
        guard isUsable, isInTransaction else { return }
        do throws(PostgresError) {
            var exchange = try begin(
                "ROLLBACK", sql: "ROLLBACK", timeoutSeconds: Self.rollbackSeconds, isCleanup: true)
            exchange.risk = .none
            exchange.isCancellable = false
            try run(&exchange, send: { PQsendQuery($0, "ROLLBACK") }, take: { PQclear($0) })
        } catch {
            close()
        }
    }

    /// Runs a command that may end the transaction, and returns the first word of the server's answer.
    @discardableResult
    private func command(_ sql: String, risk: Exchange.Risk) throws(PostgresError) -> String {
        var exchange = try begin(nil, sql: sql, timeoutSeconds: nil)
        exchange.risk = risk
        exchange.statement = sql.split(separator: " ").first.map(String.init)
        var answer = ""
        try run(
            &exchange, send: { PQsendQuery($0, sql) },
            take: { result in answer = Rows(result).command })
        return answer
    }

    /// Leaves no transaction open behind a body that did not end its own; used between a pool's jobs.
    package func rollBackLeftovers() {
        if isInTransaction { rollback() }
    }
}
