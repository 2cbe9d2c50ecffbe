/// Small random damage to a byte string, for parsers that must survive anything.
public enum Mutation {
    /// Characters that parsers of text look at twice.
    private static let telling =
        Array(#"{}[]":,\/-+.eEu0129 \#t\#ntruefalsn=_~.did"#.utf8) + [0x00, 0x7f, 0x80, 0xc3, 0xed, 0xef, 0xf0, 0xff]

    /// The bytes with one to four places changed.
    public static func apply(to original: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0...generator.below(4) {
            let position = generator.below(bytes.count + 1)
            switch generator.below(6) {
            case 0: bytes.insert(telling[generator.below(telling.count)], at: position)
            case 1 where position < bytes.count: bytes.remove(at: position)
            case 2 where position < bytes.count: bytes[position] = telling[generator.below(telling.count)]
            case 3 where position < bytes.count: bytes[position] ^= 1 << UInt8(generator.below(8))
            case 4: bytes.removeSubrange(position..<min(bytes.count, position + generator.below(20)))
            default: bytes.insert(contentsOf: bytes[..<position].suffix(generator.below(20)), at: position)
            }
        }
        return bytes
    }
}
