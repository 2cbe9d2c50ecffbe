import CPostgres

/// The result of one statement: rows in binary form, and the count of rows that it changed.
///
/// Owns libpq's result. Not Sendable: it stays on its connection's thread; carry values out of it instead.
public final class Rows {
    let result: OpaquePointer
    /// The number of rows.
    public let count: Int
    /// The number of columns.
    public let columnCount: Int

    /// Takes over the result and clears it at the end of its life.
    init(_ result: OpaquePointer) {
        self.result = result
        count = Int(PQntuples(result))
        columnCount = Int(PQnfields(result))
    }

    deinit { PQclear(result) }

    /// The number of rows that an INSERT, UPDATE, DELETE, MERGE or COPY changed; zero for other statements.
    public var affected: Int {
        guard let text = PQcmdTuples(result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The first word of the server's answer, for instance `INSERT` or `COMMIT`.
    public var command: String {
        guard let text = PQcmdStatus(result) else { return "" }
        return String(cString: text).split(separator: " ").first.map(String.init) ?? ""
    }

    /// The row at an index, which must be below `count`.
    public subscript(index: Int) -> Row {
        precondition(index >= 0 && index < count, "row index out of range")
        return Row(rows: self, index: Int32(index))
    }

    /// The first row, if there is one.
    public var first: Row? { count > 0 ? self[0] : nil }

    /// The index of a column by its name; libpq folds unquoted names to lower case.
    public func column(_ name: String) -> Int? {
        let number = PQfnumber(result, name)
        return number < 0 ? nil : Int(number)
    }

    /// Returns the one row of a statement that always has exactly one; kind `decoding` otherwise.
    public func one() throws(PostgresError) -> Row {
        guard count == 1 else { throw PostgresError(.decoding, "expected one row, got \(count)") }
        return self[0]
    }
}

extension Rows: Sequence {
    /// Iterates over the rows in the server's order.
    public func makeIterator() -> AnyIterator<Row> {
        var next = 0
        return AnyIterator {
            guard next < self.count else { return nil }
            defer { next += 1 }
            return self[next]
        }
    }
}
