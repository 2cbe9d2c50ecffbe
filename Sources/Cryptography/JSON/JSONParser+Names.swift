extension JSONParser {
    /// Objects up to this many members are checked for duplicates name by name as they are read, larger ones by
    /// sorting.
    private static let pairwiseCountMax = 16

    /// Notes a member name, and refuses one that its object already has.
    mutating func noteName(start: Int, end: Int, isEscaped: Bool) throws(JSONError) {
        let length = end &- start
        let fingerprint = JSONNode.fingerprint(UnsafeBufferPointer(start: base + start, count: length))
        let latest = nodes[open].next
        if isEscaped {
            nodes[open].info |= JSONNode.escapedFlag
        } else if nodes[open].count <= Self.pairwiseCountMax {
            var earlier = latest
            while earlier != JSONNode.none {
                let node = nodes[Int(earlier)]
                if node.info & ~15 == fingerprint, Int(node.end &- node.start) == length,
                    equalBytes(base + Int(node.start), base + start, count: length)
                {
                    position = start &- 1
                    throw error(.duplicateKey)
                }
                earlier = node.next
            }
        }
        let index = UInt32(truncatingIfNeeded: nodes.count)
        nodes[open].next = index
        nodes.append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end), next: latest,
                info: fingerprint | UInt32(JSONKind.string.rawValue) | (isEscaped ? JSONNode.escapedFlag : 0)))
    }

    /// Refuses duplicates in an object that closes, where reading name by name has not already done so.
    ///
    /// Names go through a table by their hash, which Swift keys afresh in every process, so that no one can
    /// choose names that collide.
    func refuseRemainingDuplicates(_ object: Int) throws(JSONError) {
        let node = nodes[object]
        guard node.isEscaped || node.count > Self.pairwiseCountMax else { return }
        // At most half full: the least power of two that is twice the count or more.
        let mask = (1 << (Int.bitWidth - (2 * node.count - 1).leadingZeroBitCount)) - 1
        // A slot holds the hash's upper half and the name's node; no name has node 0, so 0 is empty.
        var slots = [UInt64](repeating: 0, count: mask + 1)
        var latest = node.next
        while latest != JSONNode.none {
            let name = nodes[Int(latest)]
            let hash = hash(name)
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 {
                let other = nodes[Int(slots[slot] & 0xffff_ffff)]
                if slots[slot] >> 32 == hash >> 32, isSame(name, other) {
                    throw JSONError(reason: .duplicateKey, offset: Int(max(name.start, other.start)) - 1)
                }
                slot = (slot + 1) & mask
            }
            slots[slot] = hash & ~0xffff_ffff | UInt64(latest)
            latest = name.next
        }
    }

    private func text(_ name: JSONNode) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base + Int(name.start), count: Int(name.end &- name.start))
    }

    private func hash(_ name: JSONNode) -> UInt64 {
        var hasher = Hasher()
        if name.isEscaped {
            JSONText.unescaped(text(name)).withUnsafeBytes { hasher.combine(bytes: $0) }
        } else {
            hasher.combine(bytes: UnsafeRawBufferPointer(text(name)))
        }
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    private func isSame(_ left: JSONNode, _ right: JSONNode) -> Bool {
        guard !left.isEscaped, !right.isEscaped else {
            return JSONText.unescaped(text(left)) == JSONText.unescaped(text(right))
        }
        let count = Int(left.end &- left.start)
        return count == Int(right.end &- right.start)
            && equalBytes(base + Int(left.start), base + Int(right.start), count: count)
    }
}
