import Cryptography

/// Identifiers that sort by time: 48 bits of milliseconds and 80 random bits, as 26 lower-case characters of
/// Crockford's base 32 (the ULID specification writes upper case; readers take both).
public enum ULID {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    /// Five bits per character hold 130 bits; the first character is at most 7.
    private static let characterCount = 26

    /// A new identifier.
    /// - Parameter nowMs: milliseconds since 1970.
    public static func text(nowMs: Int64) -> String {
        text(nowMs: nowMs, random: RandomBytes.generate(10))
    }

    /// The identifier of these bits.
    package static func text(nowMs: Int64, random: [UInt8]) -> String {
        var value = UInt128(UInt64(truncatingIfNeeded: nowMs) & 0xFFFF_FFFF_FFFF)
        for byte in random.prefix(10) { value = value << 8 | UInt128(byte) }
        return String(unsafeUninitializedCapacity: characterCount) { out in
            for index in stride(from: characterCount - 1, through: 0, by: -1) {
                out[index] = alphabet[Int(truncatingIfNeeded: value & 31)]
                value >>= 5
            }
            return characterCount
        }
    }
}
