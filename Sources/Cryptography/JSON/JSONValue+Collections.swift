extension JSONValue {
    /// How many elements an array or members an object has; 0 for other values.
    public var count: Int {
        let node = node
        return node.kind == .array || node.kind == .object ? node.count : 0
    }

    /// The member of that name; nil when there is none, or the value is no object. Names are compared as bytes.
    ///
    /// It looks at the names one after another: for large objects read ``members`` once instead.
    public subscript(key: String) -> JSONValue? {
        let node = node
        guard node.kind == .object else { return nil }
        return key.utf8.withByteBuffer { findValue($0, in: node) }.map { JSONValue(storage: storage, index: $0) }
    }

    private func findValue(_ name: UnsafeRawBufferPointer, in object: JSONNode) -> Int? {
        let bytes = name.assumingMemoryBound(to: UInt8.self)
        let fingerprint = JSONNode.fingerprint(bytes)
        return storage.nodes.withUnsafeBufferPointer { nodes in
            var index = self.index &+ 1
            for _ in 0..<object.count {
                let node = nodes[index]
                if node.isEscaped || node.info & ~15 == fingerprint, storage.isEqual(node, bytes) {
                    return index &+ 1
                }
                index = Int(nodes[index &+ 1].next)
            }
            return nil
        }
    }

    /// The elements of an array in order; none for other values.
    public var elements: JSONElements {
        JSONElements(storage: storage, position: index + 1, remaining: kind == .array ? node.count : 0)
    }

    /// The members of an object in the order in which they were written; none for other values.
    public var members: JSONMembers {
        JSONMembers(storage: storage, position: index + 1, remaining: kind == .object ? node.count : 0)
    }
}

/// The elements of an array, read once from first to last.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    let storage: JSONStorage
    var position: Int
    var remaining: Int

    /// The next element; nil after the last.
    public mutating func next() -> JSONValue? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        let value = JSONValue(storage: storage, index: position)
        position = Int(storage.nodes[position].next)
        return value
    }

    /// How many elements are left.
    public var underestimatedCount: Int { remaining }
}

/// The members of an object, read once from first to last.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    let storage: JSONStorage
    var position: Int
    var remaining: Int

    /// The next member; nil after the last.
    public mutating func next() -> (key: String, value: JSONValue)? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        let key = storage.string(storage.nodes[position])
        let value = JSONValue(storage: storage, index: position + 1)
        position = Int(storage.nodes[position + 1].next)
        return (key, value)
    }

    /// How many members are left.
    public var underestimatedCount: Int { remaining }
}
