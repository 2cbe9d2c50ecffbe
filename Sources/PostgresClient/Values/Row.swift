import CPostgres

/// One row of a result. Values are read by column index, counted from zero.
///
/// Each reader throws kind `decoding` when the column is NULL (except the `…OrNil` ones), is missing, or is of a type
/// that the reader does not take: types are never converted silently, save that a wider integer takes a narrower.
public struct Row {
    let rows: Rows
    let index: Int32

    /// Whether the value is NULL.
    public func isNull(_ column: Int) -> Bool {
        column >= 0 && column < rows.columnCount && PQgetisnull(rows.result, index, Int32(column)) == 1
    }

    /// Reads a `bigint`, `integer` or `smallint`.
    public func int8(_ column: Int) throws(PostgresError) -> Int64 { try required(int8OrNil(column), column) }

    /// Reads an `integer` or `smallint`.
    public func int4(_ column: Int) throws(PostgresError) -> Int32 { try required(int4OrNil(column), column) }

    /// Reads a `smallint`.
    public func int2(_ column: Int) throws(PostgresError) -> Int16 { try required(int2OrNil(column), column) }

    /// Reads a `boolean`.
    public func bool(_ column: Int) throws(PostgresError) -> Bool { try required(boolOrNil(column), column) }

    /// Reads a text, varchar, char, name, json or jsonb.
    public func text(_ column: Int) throws(PostgresError) -> String { try required(textOrNil(column), column) }

    /// Reads a `bytea`.
    public func bytea(_ column: Int) throws(PostgresError) -> [UInt8] { try required(byteaOrNil(column), column) }

    /// Reads a `timestamptz` as microseconds since 1970-01-01T00:00Z.
    public func unixMicroseconds(_ column: Int) throws(PostgresError) -> Int64 {
        try required(unixMicrosecondsOrNil(column), column)
    }

    /// Reads a `timestamptz` as milliseconds since 1970-01-01T00:00Z, rounded down.
    public func unixMilliseconds(_ column: Int) throws(PostgresError) -> Int64 {
        try required(unixMillisecondsOrNil(column), column)
    }

    /// Reads a `date` as days since 1970-01-01.
    public func unixDays(_ column: Int) throws(PostgresError) -> Int32 { try required(unixDaysOrNil(column), column) }

    /// Reads an integral `numeric`, as `sum(bigint)` yields, or any integer.
    public func int128(_ column: Int) throws(PostgresError) -> Int128 { try required(int128OrNil(column), column) }

    /// Reads a `bytea` or a text without a copy; the bytes are valid inside the body only.
    public func withBytes<Result>(
        _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard let field = try field(column) else { throw nullValue(column) }
        return try body(field.bytes)
    }
}

extension Row {
    /// A value's bytes and type.
    struct Field {
        let bytes: UnsafeRawBufferPointer
        let type: UInt32
    }

    func field(_ column: Int) throws(PostgresError) -> Field? {
        guard column >= 0, column < rows.columnCount else {
            throw PostgresError(.decoding, "the result has no column \(column)")
        }
        let column = Int32(truncatingIfNeeded: column)
        if PQgetisnull(rows.result, index, column) == 1 { return nil }
        let length = Int(PQgetlength(rows.result, index, column))
        return Field(
            bytes: UnsafeRawBufferPointer(start: PQgetvalue(rows.result, index, column), count: length),
            type: PQftype(rows.result, column))
    }

    private func required<Value>(_ value: Value?, _ column: Int) throws(PostgresError) -> Value {
        guard let value else { throw nullValue(column) }
        return value
    }

    private func nullValue(_ column: Int) -> PostgresError {
        PostgresError(.decoding, "column \(column) is NULL")
    }

    func mismatch(_ column: Int, _ type: UInt32, wanted: String) -> PostgresError {
        PostgresError(.decoding, "column \(column) has type \(type), not \(wanted)")
    }
}
