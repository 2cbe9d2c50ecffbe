extension JSONValue {
    /// The value as RFC 8785 canonical JSON in UTF-8: no white space, names in UTF-16 order, numbers as ECMAScript
    /// writes them, the fewest escapes.
    ///
    /// `names` of the value's own members, not those further in, are left out: a signature is not part of what it
    /// signs.
    public func canonicalBytes(omitting names: [String] = []) -> [UInt8] {
        storage.bytes.withUnsafeBufferPointer { text in
            storage.nodes.withUnsafeBufferPointer { nodes in
                var writer = JSONCanonicalWriter(text: text, nodes: nodes, reserving: rawRange.count)
                writer.append(index, omitting: names)
                return writer.output
            }
        }
    }

    /// The number as ECMAScript writes it (RFC 8785 section 3.2.2.3); nil when the value is no number.
    public var canonicalNumberText: String? {
        kind == .number ? String(decoding: canonicalBytes(), as: UTF8.self) : nil
    }
}
