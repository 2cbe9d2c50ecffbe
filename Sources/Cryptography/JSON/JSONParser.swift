/// One pass over a JSON text (RFC 8259) that notes every value in a flat table and checks everything on the way.
///
/// There is no recursion: an open container remembers the one around it.
struct JSONParser {
    let base: UnsafePointer<UInt8>
    let count: Int
    let limits: JSONLimits
    var position = 0
    var nodes: [JSONNode] = []
    /// The innermost open container, -1 outside.
    var open = -1
    private var depth = 0
    private var memberCount = 0

    private enum Step { case value, name, after, done }

    init(_ text: UnsafeBufferPointer<UInt8>, base: UnsafePointer<UInt8>, limits: JSONLimits) {
        self.base = base
        count = text.count
        self.limits = limits
        // A node for every 10 bytes is what request bodies need; arrays of small numbers grow the table.
        nodes.reserveCapacity(count / 10 + 8)
    }

    mutating func parse() throws(JSONError) {
        var step = Step.value
        skipSpace()
        while step != .done {
            switch step {
            case .value: step = try parseValue()
            case .name: step = try parseName()
            case .after: step = try parseAfter()
            case .done: break
            }
            skipSpace()
        }
        if position < count { throw error(.trailingCharacters) }
    }

    private mutating func parseValue() throws(JSONError) -> Step {
        guard position < count else { throw error(.endUnexpected) }
        let character = base[position]
        if open >= 0 { try countMember() }
        switch character {
        case 0x22:
            position &+= 1
            let start = position
            let isEscaped = try scanString()
            append(.string, start, position &- 1, flag: isEscaped ? JSONNode.escapedFlag : 0)
            return open < 0 ? .done : .after
        case 0x7b: return try openContainer(.object)
        case 0x5b: return try openContainer(.array)
        case 0x74: try scanLiteral("true", .bool)
        case 0x66: try scanLiteral("false", .bool)
        case 0x6e: try scanLiteral("null", .null)
        case 0x2d, 0x30...0x39:
            let start = position
            try scanNumber()
            append(.number, start, position)
        default:
            throw error(.characterUnexpected)
        }
        return open < 0 ? .done : .after
    }

    private mutating func openContainer(_ kind: JSONKind) throws(JSONError) -> Step {
        guard depth < limits.depth else { throw error(.depthExceeded) }
        depth &+= 1
        let around = open < 0 ? JSONNode.none : UInt32(truncatingIfNeeded: open)
        open = nodes.count
        nodes.append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: position), end: around, next: JSONNode.none,
                info: UInt32(kind.rawValue)))
        position &+= 1
        skipSpace()
        guard position < count else { throw error(.endUnexpected) }
        if base[position] == (kind == .object ? 0x7d : 0x5d) { return try closeContainer() }
        return kind == .object ? .name : .value
    }

    private mutating func closeContainer() throws(JSONError) -> Step {
        position &+= 1
        let closed = open
        if nodes[closed].kind == .object { try refuseRemainingDuplicates(closed) }
        let around = nodes[closed].end
        nodes[closed].end = UInt32(truncatingIfNeeded: position)
        nodes[closed].next = UInt32(truncatingIfNeeded: nodes.count)
        depth &-= 1
        guard around != JSONNode.none else {
            open = -1
            return .done
        }
        open = Int(around)
        return .after
    }

    private mutating func parseName() throws(JSONError) -> Step {
        guard position < count else { throw error(.endUnexpected) }
        guard base[position] == 0x22 else { throw error(.characterUnexpected) }
        position &+= 1
        let start = position
        let isEscaped = try scanString()
        try noteName(start: start, end: position &- 1, isEscaped: isEscaped)
        skipSpace()
        guard position < count else { throw error(.endUnexpected) }
        guard base[position] == 0x3a else { throw error(.characterUnexpected) }
        position &+= 1
        return .value
    }

    private mutating func parseAfter() throws(JSONError) -> Step {
        guard position < count else { throw error(.endUnexpected) }
        let isObject = nodes[open].kind == .object
        switch base[position] {
        case 0x2c:
            position &+= 1
            return isObject ? .name : .value
        case isObject ? 0x7d : 0x5d:
            return try closeContainer()
        default:
            throw error(.characterUnexpected)
        }
    }

    private mutating func countMember() throws(JSONError) {
        memberCount &+= 1
        if memberCount > limits.members { throw error(.membersExceeded) }
        nodes[open].info &+= JSONNode.countUnit
    }

    @inline(__always)
    mutating func append(_ kind: JSONKind, _ start: Int, _ end: Int, flag: UInt32 = 0) {
        nodes.append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: nodes.count &+ 1), info: UInt32(kind.rawValue) | flag))
    }

    @inline(__always)
    mutating func skipSpace() {
        while position < count {
            let character = base[position]
            if character > 0x20 { return }
            guard character == 0x20 || character == 0x0a || character == 0x0d || character == 0x09 else { return }
            position &+= 1
        }
    }

    func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason: reason, offset: position)
    }
}
