import CPostgres

extension PostgresError {
    /// Reads libpq's error fields; the detail and the hint, which may quote values, are left out.
    static func from(result: OpaquePointer, connection: OpaquePointer, statement: String?) -> PostgresError {
        let state = field(result, 67)  // 'C', SQLSTATE
        guard let state else {
            let lost = PQstatus(connection) == CONNECTION_BAD
            return PostgresError(
                lost ? .connectionLost : .server,
                Redaction.line(PQresultErrorMessage(result).map { String(cString: $0) } ?? "no message"),
                statement: statement)
        }
        return PostgresError(
            SQLState.kind(of: state),
            Redaction.primaryMessage(field(result, 77) ?? "no message", sqlState: state),  // 'M', primary message
            sqlState: state,
            statement: statement,
            constraint: field(result, 110))  // 'n', constraint name
    }

    /// Whether the server ended the session with this error.
    static func endsSession(_ result: OpaquePointer) -> Bool {
        let severity = field(result, 86)  // 'V', severity, not localised
        return severity == "FATAL" || severity == "PANIC"
    }

    private static func field(_ result: OpaquePointer, _ code: Int32) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }
}
