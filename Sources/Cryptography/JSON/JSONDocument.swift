/// A JSON text (RFC 8259), checked whole and kept as its bytes and a table of where every value stands.
///
/// Refused are duplicate names, numbers beyond the range of a double, unpaired surrogates, bytes that are not UTF-8,
/// a byte order mark, and whatever passes the limits. Numbers keep their text. Strings are compared as bytes: nothing
/// is normalised. Values refer into the document; it is immutable and may be read from any thread.
public struct JSONDocument: Sendable {
    let storage: JSONStorage

    /// Reads a text. Throws ``JSONError`` with the reason and the offset of what is wrong.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .request) throws(JSONError) {
        guard bytes.count <= limits.bytes else { throw JSONError(reason: .bytesExceeded, offset: limits.bytes) }
        let parsed: Result<[JSONNode], JSONError> = bytes.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress, !text.isEmpty else {
                return .failure(JSONError(reason: .endUnexpected, offset: 0))
            }
            var parser = JSONParser(text, base: base, limits: limits)
            do throws(JSONError) {
                try parser.parse()
            } catch {
                return .failure(error)
            }
            return .success(parser.nodes)
        }
        storage = JSONStorage(bytes: bytes, nodes: try parsed.get())
    }

    /// Reads a text held as a string. Throws as ``init(parsing:limits:)`` does.
    public init(parsing text: String, limits: JSONLimits = .request) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// The value that the text is.
    public var root: JSONValue { JSONValue(storage: storage, index: 0) }

    /// The text, exactly as it was given.
    public var bytes: [UInt8] { storage.bytes }
}

/// What a document and all its values share.
final class JSONStorage: Sendable {
    let bytes: [UInt8]
    let nodes: [JSONNode]

    init(bytes: [UInt8], nodes: [JSONNode]) {
        self.bytes = bytes
        self.nodes = nodes
    }

    /// Calls `body` with the bytes from the node's start to its end.
    @inline(__always)
    func withText<Result>(_ node: JSONNode, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[Int(node.start)..<Int(node.end)])) }
    }

    /// The string of a string or name node, its escapes resolved.
    func string(_ node: JSONNode) -> String {
        withText(node) { text in
            node.isEscaped
                ? String(decoding: JSONText.unescaped(text), as: UTF8.self) : String(decoding: text, as: UTF8.self)
        }
    }

    /// The UTF-8 bytes of a string or name node, its escapes resolved.
    func stringBytes(_ node: JSONNode) -> [UInt8] {
        withText(node) { node.isEscaped ? JSONText.unescaped($0) : Array($0) }
    }

    /// Whether a string or name node is these bytes, its escapes resolved.
    func isEqual(_ node: JSONNode, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        if node.isEscaped { return stringBytes(node).elementsEqual(other) }
        guard Int(node.end &- node.start) == other.count else { return false }
        guard let otherBase = other.baseAddress else { return true }
        return bytes.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress else { return false }
            return equalBytes(base + Int(node.start), otherBase, count: other.count)
        }
    }
}
