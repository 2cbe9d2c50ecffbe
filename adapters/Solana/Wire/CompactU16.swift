/// Numbers of 0 to 65,535 in one to three bytes: seven bits each, the low ones first, the high bit says that more
/// follow.
public enum CompactU16 {
    /// Appends a number that stands in the shortest form.
    static func append(_ value: Int, to bytes: inout [UInt8]) {
        precondition((0...0xFFFF).contains(value), "a compact number has 16 bits")
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F | 0x80))
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The bytes of a number.
    public static func encode(_ value: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        append(Int(value), to: &bytes)
        return bytes
    }

    /// Reads bytes that are one number and nothing else.
    /// - Throws: `truncated`, `trailingBytes`, `numberNotCanonical`, `numberTooLarge`.
    public static func decode(_ bytes: [UInt8]) throws(SolanaWireError) -> UInt16 {
        var reader = WireReader(bytes)
        let value = try reader.compactU16()
        try reader.end()
        return UInt16(value)
    }
}
