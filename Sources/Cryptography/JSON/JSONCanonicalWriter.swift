/// Writes values of one document in canonical form. It recurses once per level, at most ``JSONLimits/depthCeiling``
/// deep.
struct JSONCanonicalWriter {
    private let text: UnsafeBufferPointer<UInt8>
    private let nodes: UnsafeBufferPointer<JSONNode>
    private(set) var output: [UInt8] = []

    /// Objects up to this many members are sorted by insertion, without a heap allocation.
    private static let insertionCountMax = 24

    init(text: UnsafeBufferPointer<UInt8>, nodes: UnsafeBufferPointer<JSONNode>, reserving byteCount: Int) {
        self.text = text
        self.nodes = nodes
        output.reserveCapacity(byteCount)
    }

    mutating func append(_ index: Int, omitting omitted: [String] = []) {
        let node = nodes[index]
        switch node.kind {
        case .null, .bool: output.append(contentsOf: bytes(node))
        case .number: ECMAScriptNumber.append(bytes(node), to: &output)
        case .string: appendString(node)
        case .array: appendArray(node, at: index)
        case .object: appendObject(node, at: index, omitting: omitted)
        }
    }

    @inline(__always)
    private func bytes(_ node: JSONNode) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: text[Int(node.start)..<Int(node.end)])
    }

    private mutating func appendString(_ node: JSONNode) {
        if node.isEscaped {
            JSONText.unescaped(bytes(node)).withUnsafeBufferPointer { JSONText.appendQuoted($0, to: &output) }
        } else {
            // Without escapes in the source there is nothing in it that needs one, and its quotation marks stand
            // around it.
            output.append(contentsOf: UnsafeBufferPointer(rebasing: text[Int(node.start) - 1...Int(node.end)]))
        }
    }

    private mutating func appendArray(_ node: JSONNode, at index: Int) {
        output.append(0x5b)
        var element = index + 1
        for position in 0..<node.count {
            if position > 0 { output.append(0x2c) }
            append(element)
            element = Int(nodes[element].next)
        }
        output.append(0x5d)
    }

    private mutating func appendObject(_ node: JSONNode, at index: Int, omitting omitted: [String]) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: node.count) { names in
            var name = index + 1
            for position in 0..<node.count {
                names[position] = UInt32(truncatingIfNeeded: name)
                name = Int(nodes[name + 1].next)
            }
            if node.isEscaped {
                sortUnescaped(names)
            } else if node.count <= Self.insertionCountMax {
                sortByInsertion(names)
            } else {
                var sortable = names
                sortable.sort(by: precedes)
            }
            appendMembers(names, omitting: omitted)
        }
    }

    private mutating func appendMembers(_ names: UnsafeMutableBufferPointer<UInt32>, omitting omitted: [String]) {
        output.append(0x7b)
        var isFirst = true
        for name in names {
            let node = nodes[Int(name)]
            if !omitted.isEmpty, isOmitted(node, omitted) { continue }
            if !isFirst { output.append(0x2c) }
            isFirst = false
            appendString(node)
            output.append(0x3a)
            append(Int(name) + 1)
        }
        output.append(0x7d)
    }

    private func isOmitted(_ name: JSONNode, _ omitted: [String]) -> Bool {
        guard name.isEscaped else { return omitted.contains { $0.utf8.elementsEqual(bytes(name)) } }
        let unescaped = JSONText.unescaped(bytes(name))
        return omitted.contains { $0.utf8.elementsEqual(unescaped) }
    }

    private func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
        UTF16Order.precedes(bytes(nodes[Int(left)]), bytes(nodes[Int(right)]))
    }

    private func sortByInsertion(_ names: UnsafeMutableBufferPointer<UInt32>) {
        var sortedCount = 1
        while sortedCount < names.count {
            let name = names[sortedCount]
            var position = sortedCount
            while position > 0, precedes(name, names[position - 1]) {
                names[position] = names[position - 1]
                position -= 1
            }
            names[position] = name
            sortedCount += 1
        }
    }

    private func sortUnescaped(_ names: UnsafeMutableBufferPointer<UInt32>) {
        let sorted = names.map { (name: $0, bytes: JSONText.unescaped(bytes(nodes[Int($0)]))) }
            .sorted { left, right in
                left.bytes.withUnsafeBufferPointer { leftBytes in
                    right.bytes.withUnsafeBufferPointer { UTF16Order.precedes(leftBytes, $0) }
                }
            }
        for (position, entry) in sorted.enumerated() { names[position] = entry.name }
    }
}

/// The order of strings by UTF-16 code units, which RFC 8785 section 3.2.3 sorts by, told from their UTF-8 bytes.
enum UTF16Order {
    static func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        let shared = min(left.count, right.count)
        var index = 0
        while index < shared {
            let leftByte = left[index]
            let rightByte = right[index]
            if leftByte != rightByte { return rank(leftByte) < rank(rightByte) }
            index &+= 1
        }
        return left.count < right.count
    }

    /// Characters past U+FFFF (first byte F0 to F4) are surrogates in UTF-16, and so come before U+E000 to U+FFFF
    /// (EE, EF). All other bytes keep their order.
    @inline(__always)
    private static func rank(_ byte: UInt8) -> UInt8 {
        byte == 0xee || byte == 0xef ? byte + 0x10 : byte
    }
}
