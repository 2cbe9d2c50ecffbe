/// Readers for integral `numeric` values and for one-dimensional arrays.
extension Row {
    /// Reads an integral `numeric` or any integer, or nil for NULL.
    ///
    /// Source of the form: `numeric_send` (base-10,000 digits with the weight of the first). A value with a fraction,
    /// NaN, infinity or beyond 128 bits is kind `decoding`.
    public func int128OrNil(_ column: Int) throws(PostgresError) -> Int128? {
        guard let field = try field(column) else { return nil }
        if let value = field.integer { return Int128(value) }
        guard field.type == PostgresType.numeric.oid else { throw mismatch(column, field.type, wanted: "numeric") }
        guard let value = field.integralNumeric else {
            throw PostgresError(.decoding, "column \(column) holds no integer of 128 bits")
        }
        return value
    }

    /// Reads a `bigint[]` without NULLs.
    public func int8s(_ column: Int) throws(PostgresError) -> [Int64] {
        try elements(column, .int8) { bytes in
            bytes.count == 8 ? Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)) : nil
        }
    }

    /// Reads an `integer[]` without NULLs.
    public func int4s(_ column: Int) throws(PostgresError) -> [Int32] {
        try elements(column, .int4) { bytes in
            bytes.count == 4 ? Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)) : nil
        }
    }

    /// Reads a `text[]` without NULLs.
    public func texts(_ column: Int) throws(PostgresError) -> [String] {
        try elements(column, .text) { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads a `bytea[]` without NULLs.
    public func byteas(_ column: Int) throws(PostgresError) -> [[UInt8]] {
        try elements(column, .bytea) { Array($0) }
    }

    private func elements<Value>(
        _ column: Int, _ type: PostgresType, _ decode: (UnsafeRawBufferPointer) -> Value?
    ) throws(PostgresError) -> [Value] {
        guard let field = try field(column) else { throw PostgresError(.decoding, "column \(column) is NULL") }
        guard field.type == type.arrayOID else { throw mismatch(column, field.type, wanted: "an array") }
        var reader = ArrayReader(bytes: field.bytes)
        guard let values = reader.elements(decode) else {
            throw PostgresError(.decoding, "column \(column) holds no one-dimensional array without NULLs")
        }
        return values
    }
}

/// A cursor over the binary form of an array.
private struct ArrayReader {
    let bytes: UnsafeRawBufferPointer
    var offset = 0

    mutating func word() -> Int? {
        guard offset + 4 <= bytes.count else { return nil }
        defer { offset += 4 }
        return Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    }

    mutating func elements<Value>(_ decode: (UnsafeRawBufferPointer) -> Value?) -> [Value]? {
        guard let dimensions = word(), word() != nil, word() != nil else { return nil }
        if dimensions == 0 { return [] }
        guard dimensions == 1, let count = word(), word() != nil, count >= 0 else { return nil }
        var values: [Value] = []
        values.reserveCapacity(Swift.min(count, bytes.count / 4))
        for _ in 0..<count {
            guard let length = word(), length >= 0, offset + length <= bytes.count else { return nil }
            guard let value = decode(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])) else {
                return nil
            }
            values.append(value)
            offset += length
        }
        return values
    }
}

extension Row.Field {
    /// The value of a `numeric` without a fraction, if it fits.
    fileprivate var integralNumeric: Int128? {
        func short(_ offset: Int) -> Int? {
            guard offset + 2 <= bytes.count else { return nil }
            return Int(Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self)))
        }
        guard let digits = short(0), let weight = short(2), let sign = short(4) else { return nil }
        guard sign == 0 || sign == 0x4000 else { return nil }
        guard weight < 10 else { return nil }  // 10,000^10 is beyond 128 bits.
        var value: Int128 = 0
        for place in 0..<Swift.max(digits, weight + 1) {
            let digit = place < digits ? short(8 + 2 * place) : 0
            guard let digit else { return nil }
            if place > weight {
                if digit != 0 { return nil }
                continue
            }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10_000)
            let (next, carried) = scaled.subtractingReportingOverflow(Int128(digit))
            if overflow || carried { return nil }
            value = next  // Kept negative, whose range is the larger.
        }
        if sign == 0x4000 { return value }
        let (positive, overflow) = Int128(0).subtractingReportingOverflow(value)
        return overflow ? nil : positive
    }
}
