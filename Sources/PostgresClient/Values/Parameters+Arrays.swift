/// One-dimensional arrays: the set-based statements' way to bind many rows at once, as in
/// `INSERT … SELECT * FROM unnest($1::int8[], $2::text[])`.
///
/// Source: the binary form written by `array_send` (dimensions, null flag, element type, length, lower bound, and per
/// element its length and bytes).
extension Parameters {
    /// Appends a `bigint[]`.
    public mutating func int8s(_ values: [Int64]) { integers(values, .int8) }

    /// Appends an `integer[]`.
    public mutating func int4s(_ values: [Int32]) { integers(values, .int4) }

    /// Appends a `smallint[]`.
    public mutating func int2s(_ values: [Int16]) { integers(values, .int2) }

    /// Appends a `bigint[]` with NULLs.
    public mutating func int8s(_ values: [Int64?]) {
        let start = storage.count
        header(.int8, values.count, hasNulls: true)
        for value in values {
            guard let value else {
                word(-1)
                continue
            }
            word(8)
            withUnsafeBytes(of: value.bigEndian) { storage.append(contentsOf: $0) }
        }
        closeArray(start, .int8)
    }

    /// Appends a `boolean[]`.
    public mutating func bools(_ values: [Bool]) {
        let start = storage.count
        header(.bool, values.count, hasNulls: false)
        storage.reserveCapacity(storage.count + values.count * 5)
        for value in values {
            word(1)
            storage.append(value ? 1 : 0)
        }
        closeArray(start, .bool)
    }

    /// Appends a `text[]`.
    public mutating func texts(_ values: [String]) {
        let start = storage.count
        header(.text, values.count, hasNulls: false)
        for value in values { element(value) }
        closeArray(start, .text)
    }

    /// Appends a `text[]` with NULLs.
    public mutating func texts(_ values: [String?]) {
        let start = storage.count
        header(.text, values.count, hasNulls: true)
        for value in values {
            if let value { element(value) } else { word(-1) }
        }
        closeArray(start, .text)
    }

    /// Appends a `bytea[]`.
    public mutating func byteas(_ values: [[UInt8]]) {
        let start = storage.count
        header(.bytea, values.count, hasNulls: false)
        for value in values { element(value) }
        closeArray(start, .bytea)
    }

    /// Appends a `bytea[]` with NULLs.
    public mutating func byteas(_ values: [[UInt8]?]) {
        let start = storage.count
        header(.bytea, values.count, hasNulls: true)
        for value in values {
            if let value { element(value) } else { word(-1) }
        }
        closeArray(start, .bytea)
    }

    /// Appends a `bytea[]` whose elements all have the same width and lie one after another in `contiguous`.
    ///
    /// A length that is no multiple of the width fails the statement with kind `parameter`.
    public mutating func byteas(contiguous values: [UInt8], width: Int) {
        guard width > 0, values.count.isMultiple(of: width) else {
            fail("the bytes are no whole number of elements")
            return null(.bytea)
        }
        let start = storage.count
        let count = values.count / width
        header(.bytea, count, hasNulls: false)
        storage.reserveCapacity(storage.count + count * (4 + width))
        for index in 0..<count {
            word(width)
            storage.append(contentsOf: values[index * width..<(index + 1) * width])
        }
        closeArray(start, .bytea)
    }

    /// Appends a `timestamptz[]` given in microseconds since 1970-01-01T00:00Z.
    public mutating func timestamps(unixMicroseconds values: [Int64]) {
        var moved: [Int64] = []
        moved.reserveCapacity(values.count)
        for value in values { moved.append(shifted(value) ?? 0) }
        integers(moved, .timestamptz)
    }
}

extension Parameters {
    /// Writes an array of integers by offset into memory reserved once: this is the ledger's hot path.
    private mutating func integers<Value: FixedWidthInteger>(_ values: [Value], _ type: PostgresType) {
        let start = storage.count
        header(type, values.count, hasNulls: false)
        let width = MemoryLayout<Value>.size
        let first = storage.count
        storage.append(contentsOf: repeatElement(0, count: values.count * (4 + width)))
        let length = Int32(truncatingIfNeeded: width).bigEndian
        storage.withUnsafeMutableBytes { bytes in
            var offset = first
            for value in values {
                bytes.storeBytes(of: length, toByteOffset: offset, as: Int32.self)
                bytes.storeBytes(of: value.bigEndian, toByteOffset: offset + 4, as: Value.self)
                offset += 4 + width
            }
        }
        closeArray(start, type)
    }

    private mutating func header(_ type: PostgresType, _ count: Int, hasNulls: Bool) {
        word(count == 0 ? 0 : 1)
        word(hasNulls ? 1 : 0)
        word(Int(type.oid))
        guard count > 0 else { return }
        word(count)
        word(1)
    }

    private mutating func element(_ value: String) {
        word(value.utf8.count)
        storage.append(contentsOf: value.utf8)
    }

    private mutating func element(_ value: [UInt8]) {
        word(value.count)
        storage.append(contentsOf: value)
    }

    /// Appends a number as four bytes. A number too large for them belongs to a value that `close` refuses.
    private mutating func word(_ value: Int) {
        withUnsafeBytes(of: Int32(truncatingIfNeeded: value).bigEndian) { storage.append(contentsOf: $0) }
    }

    private mutating func closeArray(_ start: Int, _ type: PostgresType) {
        close(start, PostgresType(oid: type.arrayOID, arrayOID: 0))
    }
}
