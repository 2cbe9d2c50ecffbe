/// The parameters of one statement, in Postgres' binary form, in one contiguous buffer.
///
/// Every parameter carries its type, so that the server never has to guess it: an `int8` binds where any integer is
/// wanted, a `text` where a text is. Other types are cast in SQL (`$1::uuid`, `$2::numeric`). A value that cannot be
/// represented is not a trap: the statement that binds it fails with kind `parameter`.
/// Reuse one value through `reset()` on hot paths; its memory is kept.
public struct Parameters: Sendable {
    /// The largest value that the server takes, one gigabyte less one byte (its allocation limit).
    static let valueBytesMax = 0x3fff_ffff

    /// All values, one after another; the first byte is unused so that the buffer always has an address.
    var storage: [UInt8] = [0]
    /// Where each value begins, or `nullOffset`.
    var offsets: [Int] = []
    var lengths: [Int32] = []
    var types: [UInt32] = []
    /// The first value that could not be represented.
    var failure: PostgresError?

    static let nullOffset = -1

    /// Makes an empty list.
    public init() {}

    /// Makes a list of the given values.
    public init(_ values: [Parameter]) {
        for value in values { append(value) }
    }

    /// The number of parameters.
    public var count: Int { offsets.count }

    /// Forgets the parameters and keeps the memory.
    public mutating func reset() {
        storage.removeAll(keepingCapacity: true)
        storage.append(0)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
        failure = nil
    }

    /// Appends a `bigint`, or NULL.
    public mutating func int8(_ value: Int64?) { integer(value, .int8) }

    /// Appends an `integer`, or NULL.
    public mutating func int4(_ value: Int32?) { integer(value, .int4) }

    /// Appends a `smallint`, or NULL.
    public mutating func int2(_ value: Int16?) { integer(value, .int2) }

    /// Appends a `boolean`, or NULL.
    public mutating func bool(_ value: Bool?) { integer(value.map { $0 ? UInt8(1) : 0 }, .bool) }

    /// Appends a `text`, or NULL.
    public mutating func text(_ value: String?) {
        guard let value else { return null(.text) }
        let start = storage.count
        storage.append(contentsOf: value.utf8)
        close(start, .text)
    }

    /// Appends a `bytea`, or NULL.
    public mutating func bytea(_ value: [UInt8]?) {
        guard let value else { return null(.bytea) }
        let start = storage.count
        storage.append(contentsOf: value)
        close(start, .bytea)
    }

    /// Appends a `jsonb` given as JSON text, or NULL.
    public mutating func jsonb(_ value: String?) {
        guard let value else { return null(.jsonb) }
        let start = storage.count
        storage.append(1)  // The version of jsonb's binary form.
        storage.append(contentsOf: value.utf8)
        close(start, .jsonb)
    }

    /// Appends a `timestamptz` given in microseconds since 1970-01-01T00:00Z, or NULL; `.min` and `.max` stand for
    /// `-infinity` and `infinity`.
    public mutating func timestamp(unixMicroseconds value: Int64?) {
        integer(value.flatMap { shifted($0) }, .timestamptz)
    }

    /// Appends a `timestamptz` given in milliseconds since 1970-01-01T00:00Z, or NULL.
    public mutating func timestamp(unixMilliseconds value: Int64?) {
        guard let value else { return null(.timestamptz) }
        if value == .min || value == .max { return timestamp(unixMicroseconds: value) }
        let (micros, overflow) = value.multipliedReportingOverflow(by: 1000)
        if overflow { fail("timestamp out of range") }
        timestamp(unixMicroseconds: overflow ? nil : micros)
    }

    /// Appends a `date` given in days since 1970-01-01, or NULL.
    public mutating func date(unixDays value: Int32?) {
        guard let value else { return null(.date) }
        let (days, overflow) = value.subtractingReportingOverflow(PostgresEpoch.unixDays)
        if overflow { fail("date out of range") }
        integer(overflow ? nil : days, .date)
    }

    /// Appends a NULL of a type.
    public mutating func null(_ type: PostgresType) {
        offsets.append(Self.nullOffset)
        lengths.append(0)
        types.append(type.oid)
    }
}

extension Parameters {
    mutating func integer<Value: FixedWidthInteger>(_ value: Value?, _ type: PostgresType) {
        guard let value else { return null(type) }
        let start = storage.count
        withUnsafeBytes(of: value.bigEndian) { storage.append(contentsOf: $0) }
        close(start, type)
    }

    /// Ends the value that begins at `start`.
    mutating func close(_ start: Int, _ type: PostgresType) {
        let length = storage.count - start
        if length > Self.valueBytesMax { fail("a value of \(length) bytes is longer than Postgres takes") }
        offsets.append(start)
        lengths.append(Int32(truncatingIfNeeded: length))
        types.append(type.oid)
    }

    /// Microseconds since Postgres' epoch; the least and the greatest number stand for the infinities; out of range
    /// becomes a failure of the statement.
    mutating func shifted(_ unixMicroseconds: Int64) -> Int64? {
        if unixMicroseconds == .min || unixMicroseconds == .max { return unixMicroseconds }
        let (value, overflow) = unixMicroseconds.subtractingReportingOverflow(PostgresEpoch.unixMicroseconds)
        if overflow { fail("timestamp out of range") }
        return overflow ? nil : value
    }

    mutating func fail(_ message: String) {
        if failure == nil { failure = PostgresError(.parameter, message) }
    }
}
