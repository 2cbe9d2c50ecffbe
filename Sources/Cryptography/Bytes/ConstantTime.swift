import CSodium

/// Whether two byte strings are equal, in a time that depends on their lengths only.
///
/// Use it for secrets, authentication tags and tokens. Strings of different lengths are unequal, at once.
public func constantTimeEquals(_ left: some ByteSource, _ right: some ByteSource) -> Bool {
    left.withByteBuffer { leftBytes in
        right.withByteBuffer { rightBytes in
            guard leftBytes.count == rightBytes.count else { return false }
            guard let leftBase = leftBytes.baseAddress, let rightBase = rightBytes.baseAddress else { return true }
            return sodium_memcmp(leftBase, rightBase, leftBytes.count) == 0
        }
    }
}

/// Whether two raw memory areas of `count` bytes are equal. Not constant in time: for public data.
@inline(__always)
func equalBytes(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, count: Int) -> Bool {
    let leftRaw = UnsafeRawPointer(left)
    let rightRaw = UnsafeRawPointer(right)
    var offset = 0
    while offset &+ 8 <= count {
        let leftWord = leftRaw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let rightWord = rightRaw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if leftWord != rightWord { return false }
        offset &+= 8
    }
    while offset < count {
        if left[offset] != right[offset] { return false }
        offset &+= 1
    }
    return true
}
