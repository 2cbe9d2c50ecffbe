/// One value of a ``JSONDocument``. Copying it copies a reference.
public struct JSONValue: Sendable {
    let storage: JSONStorage
    let index: Int

    var node: JSONNode { storage.nodes[index] }

    /// What the value is.
    public var kind: JSONKind { node.kind }

    /// Whether the value is `null`.
    public var isNull: Bool { kind == .null }

    /// The truth value; nil when the value is none.
    public var bool: Bool? {
        let node = node
        return node.kind == .bool ? node.end &- node.start == 4 : nil
    }

    /// The string with its escapes resolved; nil when the value is none.
    public var string: String? {
        let node = node
        return node.kind == .string ? storage.string(node) : nil
    }

    /// The string's UTF-8 bytes with its escapes resolved; nil when the value is no string.
    public var stringBytes: [UInt8]? {
        let node = node
        return node.kind == .string ? storage.stringBytes(node) : nil
    }

    /// The number's text exactly as it was written; nil when the value is no number.
    public var numberText: String? {
        let node = node
        return node.kind == .number ? storage.string(node) : nil
    }

    /// The number where its exact decimal value is an integer in range: `100`, `1e2` and `100.0` are 100.
    ///
    /// Nil for `0.5`, for `9223372036854775808`, and when the value is no number.
    public var int64: Int64? { decimal?.int64 }

    /// The number's exact decimal value; nil when the value is no number.
    var decimal: DecimalNumber? {
        let node = node
        return node.kind == .number ? storage.withText(node) { DecimalNumber(scanned: $0) } : nil
    }

    /// Whether the value is a string of the same UTF-8 bytes, escapes resolved. Nothing is normalised.
    public func stringEquals(_ other: String) -> Bool {
        let node = node
        guard node.kind == .string else { return false }
        return other.utf8.withByteBuffer { bytes in
            storage.isEqual(node, bytes.assumingMemoryBound(to: UInt8.self))
        }
    }

    /// Where the value stands in the document's bytes, a string with its quotation marks.
    public var rawRange: Range<Int> {
        let node = node
        let quote = node.kind == .string ? 1 : 0
        return Int(node.start) - quote..<Int(node.end) + quote
    }

    /// The value's bytes exactly as they were written.
    public var rawBytes: ArraySlice<UInt8> { storage.bytes[rawRange] }
}

extension DID {
    /// Reads the identifier that a JSON string is. Throws `didInvalid`, also when the value is no string.
    public init(_ value: JSONValue) throws(CryptographyError) {
        let node = value.node
        guard node.kind == .string, !node.isEscaped else { throw .didInvalid }
        try self.init(utf8: value.storage.bytes[Int(node.start)..<Int(node.end)])
    }
}
