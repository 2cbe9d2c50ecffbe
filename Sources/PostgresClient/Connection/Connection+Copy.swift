import CPostgres
import Glibc

extension Connection {
    /// Sends data to `COPY … FROM STDIN`, piece by piece, until the source returns nil.
    ///
    /// A source that throws makes the COPY fail on the server, which keeps no row of it; the error is thrown on.
    /// - Returns: the number of rows copied.
    @discardableResult
    public func copyIn(
        _ sql: String, timeoutSeconds: Double? = nil, _ source: () throws -> [UInt8]?
    ) throws -> Int {
        var exchange = try begin("COPY", sql: sql, timeoutSeconds: timeoutSeconds)
        isBusy = true
        defer { isBusy = false }
        try startCopy(sql, PGRES_COPY_IN, &exchange)
        do {
            while let piece = try source() { try put(piece, &exchange) }
        } catch {
            abandonCopy(&exchange)
            throw error
        }
        return try endCopy(&exchange, failing: nil)
    }

    /// Receives the data of `COPY … TO STDOUT`, row by row; the bytes are valid inside the body only.
    ///
    /// A body that throws stops the COPY; the connection stays usable, and the error is thrown on.
    public func copyOut(
        _ sql: String, timeoutSeconds: Double? = nil, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var exchange = try begin("COPY", sql: sql, timeoutSeconds: timeoutSeconds)
        isBusy = true
        defer { isBusy = false }
        try startCopy(sql, PGRES_COPY_OUT, &exchange)
        var thrown: (any Error)?
        receiving: while let handle {
            var row: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(handle, &row, 1)
            defer { PQfreemem(row) }
            switch length {
            case 0:
                try wait(&exchange, events: POLLIN)
                if PQconsumeInput(handle) == 0 { exchange.isLost = true }
            case 1...:
                guard thrown == nil else { continue }
                do {
                    try body(UnsafeRawBufferPointer(start: row, count: Int(length)))
                } catch {
                    thrown = error
                    cancel(&exchange, .cancelled)
                }
            default: break receiving
            }
            if exchange.isLost { break }
        }
        do throws(PostgresError) {
            _ = try collect(&exchange)
        } catch {
            throw thrown ?? error
        }
        if let thrown { throw thrown }
    }

    private func startCopy(
        _ sql: String, _ wanted: ExecStatusType, _ exchange: inout Exchange
    ) throws(PostgresError) {
        guard let handle, PQsendQuery(handle, sql) == 1 else { throw sendFailure(exchange) }
        try flush(&exchange)
        guard let result = try nextResult(&exchange) else { throw lostError(exchange) }
        let status = PQresultStatus(result)
        if status == wanted { return PQclear(result) }
        guard status == PGRES_FATAL_ERROR else {
            PQclear(result)
            close()
            throw PostgresError(.misuse, "the statement is no COPY of the wanted direction", statement: "COPY")
        }
        absorb(result, into: &exchange)
        _ = try collect(&exchange)
    }

    private func put(_ piece: [UInt8], _ exchange: inout Exchange) throws(PostgresError) {
        guard !piece.isEmpty else { return }
        while let handle {
            let sent = piece.withUnsafeBytes { bytes in
                PQputCopyData(
                    handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(truncatingIfNeeded: bytes.count))
            }
            if sent == 1 { return }
            if sent < 0 { throw sendFailure(exchange) }
            try wait(&exchange, events: POLLIN | POLLOUT)
            if PQconsumeInput(handle) == 0 { throw lostError(exchange) }
        }
        throw lostError(exchange)
    }

    /// Makes the server fail the COPY, so that the connection can be used again; else gives the connection up.
    private func abandonCopy(_ exchange: inout Exchange) {
        guard isUsable else { return }
        do throws(PostgresError) {
            _ = try endCopy(&exchange, failing: "the client stopped")
        } catch {
            if error.kind != .server, error.kind != .cancelled { close() }
        }
    }

    private func endCopy(_ exchange: inout Exchange, failing reason: String?) throws(PostgresError) -> Int {
        while let handle {
            let ended = PQputCopyEnd(handle, reason)
            if ended == 1 { break }
            if ended < 0 { throw sendFailure(exchange) }
            try wait(&exchange, events: POLLIN | POLLOUT)
            if PQconsumeInput(handle) == 0 { throw lostError(exchange) }
        }
        try flush(&exchange)
        return try collect(&exchange)
    }

    /// Takes the results up to the end of the statement; returns the number of rows that it names.
    private func collect(_ exchange: inout Exchange) throws(PostgresError) -> Int {
        var affected = 0
        while handle != nil, let result = try nextResult(&exchange) {
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: affected = Rows(result).affected
            default: absorb(result, into: &exchange)
            }
        }
        try finish(&exchange)
        return affected
    }
}
