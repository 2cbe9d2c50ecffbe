/// Writes a JSON value of a parsed text as dag-cbor, straight from the table of values. Open containers wait on a stack
/// of its own, so that depth costs no call stack.
struct JSONToDAGCBOR {
    private let text: UnsafeBufferPointer<UInt8>
    private let nodes: UnsafeBufferPointer<JSONNode>
    private var writer: DAGCBORWriter
    private var open: [Container] = []
    /// Name nodes of the open objects in the order in which they are to be written, each object's behind its parent's.
    private var names: [Int] = []

    private struct Container {
        /// Arrays: the next element's node. Objects: where in `names` the next name stands.
        var next: Int
        var remaining: Int
        /// Objects: where its names begin; arrays: -1.
        let namesStart: Int
    }

    /// Objects up to this many members are sorted by insertion.
    private static let insertionCountMax = 24

    init(text: UnsafeBufferPointer<UInt8>, nodes: UnsafeBufferPointer<JSONNode>, reserving byteCount: Int) {
        self.text = text
        self.nodes = nodes
        writer = DAGCBORWriter(reserving: byteCount)
    }

    var bytes: [UInt8] { writer.bytes }

    mutating func encode(_ root: Int, omitting omitted: [String]) throws(CBORError) {
        try write(root, omitting: omitted)
        while let last = open.indices.last {
            let container = open[last]
            guard container.remaining > 0 else {
                if container.namesStart >= 0 { names.removeSubrange(container.namesStart...) }
                open.removeLast()
                continue
            }
            open[last].remaining -= 1
            if container.namesStart >= 0 {
                open[last].next += 1
                let name = names[container.next]
                writeText(nodes[name])
                try write(name + 1)
            } else {
                open[last].next = Int(nodes[container.next].next)
                try write(container.next)
            }
        }
    }

    private mutating func write(_ index: Int, omitting omitted: [String] = []) throws(CBORError) {
        let node = nodes[index]
        switch node.kind {
        case .null: writer.null()
        case .bool: writer.bool(node.end &- node.start == 4)
        case .number: writer.int(try DAGCBOR.integer(DecimalNumber(scanned: bytes(node))))
        case .string: writeText(node)
        case .array:
            writer.array(count: node.count)
            open.append(Container(next: index + 1, remaining: node.count, namesStart: -1))
        case .object:
            let start = names.count
            collectNames(index, node, omitting: omitted)
            writer.map(count: names.count - start)
            open.append(Container(next: start, remaining: names.count - start, namesStart: start))
        }
    }

    @inline(__always)
    private func bytes(_ node: JSONNode) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: text[Int(node.start)..<Int(node.end)])
    }

    private mutating func writeText(_ node: JSONNode) {
        if node.isEscaped {
            JSONText.unescaped(bytes(node)).withUnsafeBufferPointer { writer.text(utf8: $0) }
        } else {
            writer.text(utf8: bytes(node))
        }
    }

    /// Appends an object's name nodes in dag-cbor's order: shorter first, then bytewise.
    private mutating func collectNames(_ index: Int, _ object: JSONNode, omitting omitted: [String]) {
        let start = names.count
        var name = index + 1
        for _ in 0..<object.count {
            if omitted.isEmpty || !isOmitted(nodes[name], omitted) { names.append(name) }
            name = Int(nodes[name + 1].next)
        }
        if object.isEscaped {
            let sorted = names[start...].map { (name: $0, bytes: JSONText.unescaped(bytes(nodes[$0]))) }
                .sorted { left, right in
                    left.bytes.withUnsafeBufferPointer { leftBytes in
                        right.bytes.withUnsafeBufferPointer { Self.precedes(leftBytes, $0) }
                    }
                }
            for (offset, entry) in sorted.enumerated() { names[start + offset] = entry.name }
        } else if names.count - start <= Self.insertionCountMax {
            sortByInsertion(from: start)
        } else {
            let nodes = self.nodes
            let text = self.text
            names[start...].sort { left, right in
                let leftNode = nodes[left]
                let rightNode = nodes[right]
                return Self.precedes(
                    UnsafeBufferPointer(rebasing: text[Int(leftNode.start)..<Int(leftNode.end)]),
                    UnsafeBufferPointer(rebasing: text[Int(rightNode.start)..<Int(rightNode.end)]))
            }
        }
    }

    private mutating func sortByInsertion(from start: Int) {
        var sorted = start + 1
        while sorted < names.count {
            let name = names[sorted]
            var position = sorted
            while position > start, Self.precedes(bytes(nodes[name]), bytes(nodes[names[position - 1]])) {
                names[position] = names[position - 1]
                position -= 1
            }
            names[position] = name
            sorted += 1
        }
    }

    private func isOmitted(_ name: JSONNode, _ omitted: [String]) -> Bool {
        guard name.isEscaped else { return omitted.contains { $0.utf8.elementsEqual(bytes(name)) } }
        let unescaped = JSONText.unescaped(bytes(name))
        return omitted.contains { $0.utf8.elementsEqual(unescaped) }
    }

    private static func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        guard left.count == right.count else { return left.count < right.count }
        for index in left.indices where left[index] != right[index] { return left[index] < right[index] }
        return false
    }
}
