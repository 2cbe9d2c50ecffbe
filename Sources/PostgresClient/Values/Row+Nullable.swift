import CPostgres

/// Readers for columns that may be NULL. Source of the binary forms: the `…_send` functions of the built-in types.
extension Row {
    /// Reads a `bigint`, `integer` or `smallint`, or nil for NULL.
    public func int8OrNil(_ column: Int) throws(PostgresError) -> Int64? {
        guard let field = try field(column) else { return nil }
        guard let value = field.integer else { throw mismatch(column, field.type, wanted: "an integer") }
        return value
    }

    /// Reads an `integer` or `smallint`, or nil for NULL.
    public func int4OrNil(_ column: Int) throws(PostgresError) -> Int32? {
        guard let field = try field(column) else { return nil }
        guard field.type != PostgresType.int8.oid, let value = field.integer else {
            throw mismatch(column, field.type, wanted: "integer")
        }
        return Int32(truncatingIfNeeded: value)
    }

    /// Reads a `smallint`, or nil for NULL.
    public func int2OrNil(_ column: Int) throws(PostgresError) -> Int16? {
        guard let field = try field(column) else { return nil }
        guard field.type == PostgresType.int2.oid, let value = field.integer else {
            throw mismatch(column, field.type, wanted: "smallint")
        }
        return Int16(truncatingIfNeeded: value)
    }

    /// Reads a `boolean`, or nil for NULL.
    public func boolOrNil(_ column: Int) throws(PostgresError) -> Bool? {
        guard let field = try field(column) else { return nil }
        guard field.type == PostgresType.bool.oid, let byte = field.bytes.first else {
            throw mismatch(column, field.type, wanted: "boolean")
        }
        return byte != 0
    }

    /// Reads a text, varchar, char, name, json or jsonb, or nil for NULL.
    public func textOrNil(_ column: Int) throws(PostgresError) -> String? {
        guard let field = try field(column) else { return nil }
        if PostgresType.textual.contains(field.type) { return String(decoding: field.bytes, as: UTF8.self) }
        guard field.type == PostgresType.jsonb.oid else { throw mismatch(column, field.type, wanted: "text") }
        return String(decoding: field.bytes.dropFirst(), as: UTF8.self)
    }

    /// Reads a `bytea`, or nil for NULL.
    public func byteaOrNil(_ column: Int) throws(PostgresError) -> [UInt8]? {
        guard let field = try field(column) else { return nil }
        guard field.type == PostgresType.bytea.oid else { throw mismatch(column, field.type, wanted: "bytea") }
        return Array(field.bytes)
    }

    /// Reads a `timestamptz` as microseconds since 1970-01-01T00:00Z, or nil for NULL.
    ///
    /// `-infinity` and `infinity` are the least and the greatest number; what else lies outside is kind `decoding`.
    public func unixMicrosecondsOrNil(_ column: Int) throws(PostgresError) -> Int64? {
        guard let field = try field(column) else { return nil }
        guard field.type == PostgresType.timestamptz.oid, let value = field.load(Int64.self) else {
            throw mismatch(column, field.type, wanted: "timestamptz")
        }
        if value == .min || value == .max { return value }
        let (micros, overflow) = value.addingReportingOverflow(PostgresEpoch.unixMicroseconds)
        guard !overflow else { throw PostgresError(.decoding, "column \(column) holds a timestamp out of range") }
        return micros
    }

    /// Reads a `timestamptz` as milliseconds since 1970-01-01T00:00Z rounded down, or nil for NULL; infinities as
    /// above.
    public func unixMillisecondsOrNil(_ column: Int) throws(PostgresError) -> Int64? {
        guard let micros = try unixMicrosecondsOrNil(column) else { return nil }
        if micros == .min || micros == .max { return micros }
        let (quotient, remainder) = micros.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Reads a `date` as days since 1970-01-01, or nil for NULL. `infinity` is kind `decoding`.
    public func unixDaysOrNil(_ column: Int) throws(PostgresError) -> Int32? {
        guard let field = try field(column) else { return nil }
        guard field.type == PostgresType.date.oid, let value = field.load(Int32.self) else {
            throw mismatch(column, field.type, wanted: "date")
        }
        let (days, overflow) = value.addingReportingOverflow(PostgresEpoch.unixDays)
        guard !overflow, value != .min else { throw PostgresError(.decoding, "column \(column) holds no finite date") }
        return days
    }
}

extension Row.Field {
    /// The bytes as one big-endian integer of exactly that width.
    func load<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
        guard bytes.count == MemoryLayout<Value>.size else { return nil }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }

    /// The value of an integer type.
    var integer: Int64? {
        switch type {
        case PostgresType.int8.oid: load(Int64.self)
        case PostgresType.int4.oid: load(Int32.self).map(Int64.init)
        case PostgresType.int2.oid: load(Int16.self).map(Int64.init)
        default: nil
        }
    }
}
