/// One value or member name of a parsed text: where it stands, and where the next one is noted.
///
/// Nodes lie in document order. An array's elements follow it; an object is followed by name, value, name, value.
struct JSONNode {
    /// Where the value's text starts; for strings and names, after the quotation mark.
    var start: UInt32
    /// Where the value's text ends; for strings and names, at the closing quotation mark.
    /// While a container is open: the container around it, or ``none``.
    var end: UInt32
    /// The node after this value and all it contains. For a name: the name before it in its object, or ``none``.
    /// While an object is open: its latest name, or ``none``.
    var next: UInt32
    /// Kind in bits 0-2; flag in bit 3; in the bits above, the count of a container or the fingerprint of a name.
    var info: UInt32

    static let none = UInt32.max
    /// Strings and names: there are escapes. Objects: some name has escapes.
    static let escapedFlag: UInt32 = 1 << 3
    static let countUnit: UInt32 = 1 << 4
    static let kindMask: UInt32 = 7

    @inline(__always) var kind: JSONKind { JSONKind(rawValue: UInt8(info & Self.kindMask)) ?? .null }
    @inline(__always) var count: Int { Int(info >> 4) }
    @inline(__always) var isEscaped: Bool { info & Self.escapedFlag != 0 }

    /// The bits above the flag for a name of these bytes: its length and three of its characters.
    /// Names that differ in them differ; it is a filter, not a hash, and is not relied on to spread.
    @inline(__always)
    static func fingerprint(_ name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let count = name.count
        var bits = UInt32(truncatingIfNeeded: count) & 15
        if count > 0 {
            bits |= UInt32(name[0]) << 4 | UInt32(name[count &- 1]) << 12 | UInt32(name[count >> 1]) << 20
        }
        return bits << 4
    }
}

/// What a JSON value is.
public enum JSONKind: UInt8, Hashable, Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool
    /// A number, kept as it was written.
    case number
    /// A string.
    case string
    /// An array.
    case array
    /// An object.
    case object
}
