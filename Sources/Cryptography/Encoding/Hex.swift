/// Base 16 (RFC 4648 section 8), written in lower case, read in either.
public enum Hex {
    private static let alphabet = Array("0123456789abcdef".utf8)

    /// Returns two lower-case digits for each byte.
    public static func encode(_ bytes: some ByteSource) -> String {
        bytes.withByteBuffer { source in
            String(unsafeUninitializedCapacity: source.count * 2) { target in
                var index = 0
                for byte in source {
                    target[index] = alphabet[Int(byte >> 4)]
                    target[index + 1] = alphabet[Int(byte & 15)]
                    index += 2
                }
                return index
            }
        }
    }

    /// Returns the bytes; nil for an odd length or a character that is no hexadecimal digit.
    public static func decode(_ text: String) -> [UInt8]? {
        text.utf8.withByteBuffer { source in
            guard source.count.isMultiple(of: 2) else { return nil }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(source.count / 2)
            var index = 0
            while index < source.count {
                guard let high = value(source[index]), let low = value(source[index + 1]) else { return nil }
                bytes.append(high << 4 | low)
                index += 2
            }
            return bytes
        }
    }

    /// The value of one digit; nil when it is none.
    @inline(__always)
    static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x61...0x66: character - 0x61 + 10
        case 0x41...0x46: character - 0x41 + 10
        default: nil
        }
    }
}
