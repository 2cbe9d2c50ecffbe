/// Reads one dag-cbor value and refuses what is not in its one form. It recurses once per level, within the limit.
struct DAGCBORDecoder {
    private let source: UnsafeRawBufferPointer
    private let limits: CBORLimits
    private var position = 0
    private var itemCount = 0

    init(_ source: UnsafeRawBufferPointer, limits: CBORLimits) {
        self.source = source
        self.limits = limits
    }

    mutating func decode() throws(CBORError) -> CBORValue {
        guard source.count <= limits.bytes else { throw .bytesExceeded }
        let value = try decodeValue(depth: 0)
        guard position == source.count else { throw .trailingBytes }
        return value
    }

    private mutating func decodeValue(depth: Int) throws(CBORError) -> CBORValue {
        guard position < source.count else { throw .endUnexpected }
        let first = source[position]
        if first >> 5 == 7 { return try decodeSimple(first) }
        let argument = try decodeArgument()
        switch first >> 5 {
        case 0: return .int(try signed(argument))
        case 1: return .int(~(try signed(argument)))
        case 2: return .bytes(Array(try take(argument)))
        case 3: return .text(try text(argument))
        case 4: return try decodeArray(argument, depth: depth)
        case 5: return try decodeMap(argument, depth: depth)
        default: return try decodeLink(argument)
        }
    }

    private mutating func decodeSimple(_ first: UInt8) throws(CBORError) -> CBORValue {
        position += 1
        switch first {
        case 0xf4: return .bool(false)
        case 0xf5: return .bool(true)
        case 0xf6: return .null
        case 0xf9, 0xfa, 0xfb: throw .fractionRefused
        case 0xff: throw .lengthInvalid
        default: throw .simpleValueInvalid
        }
    }

    /// The number behind the major type, which must take the fewest bytes.
    private mutating func decodeArgument() throws(CBORError) -> UInt64 {
        let short = source[position] & 31
        position += 1
        guard short >= 24 else { return UInt64(short) }
        guard short <= 27 else { throw .lengthInvalid }
        let byteCount = 1 << Int(short - 24)
        guard source.count - position >= byteCount else { throw .endUnexpected }
        var argument: UInt64 = 0
        for _ in 0..<byteCount {
            argument = argument << 8 | UInt64(source[position])
            position += 1
        }
        let least: UInt64 =
            switch byteCount {
            case 1: 24
            case 2: 1 << 8
            case 4: 1 << 16
            default: 1 << 32
            }
        guard argument >= least else { throw .notShortest }
        return argument
    }

    private func signed(_ argument: UInt64) throws(CBORError) -> Int64 {
        guard let value = Int64(exactly: argument) else { throw .integerOutOfRange }
        return value
    }

    private mutating func take(_ byteCount: UInt64) throws(CBORError) -> UnsafeRawBufferPointer {
        guard byteCount <= UInt64(source.count - position) else { throw .endUnexpected }
        let start = position
        position += Int(byteCount)
        return UnsafeRawBufferPointer(rebasing: source[start..<position])
    }

    private mutating func text(_ byteCount: UInt64) throws(CBORError) -> String {
        let bytes = try take(byteCount).assumingMemoryBound(to: UInt8.self)
        guard UTF8Sequence.isValid(bytes) else { throw .utf8Invalid }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Counts the elements of a container before room is made for them: each takes a byte at least.
    private mutating func openContainer(_ count: UInt64, bytesEach: UInt64, depth: Int) throws(CBORError) -> Int {
        guard depth < limits.depth else { throw .depthExceeded }
        guard count <= UInt64(source.count - position) / bytesEach else { throw .endUnexpected }
        itemCount += Int(count)
        guard itemCount <= limits.items else { throw .itemsExceeded }
        return Int(count)
    }

    private mutating func decodeArray(_ argument: UInt64, depth: Int) throws(CBORError) -> CBORValue {
        let count = try openContainer(argument, bytesEach: 1, depth: depth)
        var elements: [CBORValue] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try decodeValue(depth: depth + 1)) }
        return .array(elements)
    }

    private mutating func decodeMap(_ argument: UInt64, depth: Int) throws(CBORError) -> CBORValue {
        let count = try openContainer(argument, bytesEach: 2, depth: depth)
        var members: [CBORMap.Member] = []
        members.reserveCapacity(count)
        for _ in 0..<count {
            guard position < source.count else { throw .endUnexpected }
            guard source[position] >> 5 == 3 else { throw .keyInvalid }
            let key = try text(try decodeArgument())
            if let last = members.last {
                let order = CBORMap.order(last.key, key)
                guard order != 0 else { throw .duplicateKey }
                guard order < 0 else { throw .keysUnsorted }
            }
            members.append(CBORMap.Member(key: key, value: try decodeValue(depth: depth + 1)))
        }
        return .map(CBORMap(sorted: members))
    }

    private mutating func decodeLink(_ tag: UInt64) throws(CBORError) -> CBORValue {
        guard tag == DAGCBOR.linkTag, position < source.count, source[position] >> 5 == 2 else { throw .tagInvalid }
        let bytes = try take(try decodeArgument())
        guard bytes.first == DAGCBOR.identityMultibase,
            let cid = try? CID(bytes: UnsafeRawBufferPointer(rebasing: bytes[1...]))
        else { throw .tagInvalid }
        return .link(cid)
    }
}
