/// Base 64 with the URL-safe alphabet and no padding (RFC 4648 section 5, RFC 7515 section 2).
public enum Base64URL {
    private static let codec = BitCodec(
        alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", bitsPerCharacter: 6)

    /// Returns the text of `bytes`, without padding.
    public static func encode(_ bytes: some ByteSource) -> String {
        String(decoding: bytes.withByteBuffer { codec.encode($0) }, as: UTF8.self)
    }

    /// Returns the bytes; nil unless the text is exactly what ``encode(_:)`` writes for them.
    ///
    /// Padding, the standard alphabet's `+` and `/`, and non-zero bits in the last character are refused.
    public static func decode(_ text: String) -> [UInt8]? {
        decode(text.utf8)
    }

    /// Returns the bytes that ASCII text stands for; nil as for the string.
    public static func decode(_ text: some ByteSource) -> [UInt8]? {
        text.withByteBuffer { codec.decode($0) }
    }

    /// Returns the bytes that ASCII text stands for, also with padding and with spare bits in the last character that
    /// are not zero; nil for padding in the wrong place or number and for every other character.
    ///
    /// For protocols whose peers take such text: several texts stand for one byte string then.
    static func decodeLenient(_ text: some ByteSource) -> [UInt8]? {
        text.withByteBuffer { source in
            var count = source.count
            if count > 0, count.isMultiple(of: 4) {
                if source[count - 1] == padding { count -= 1 }
                if count < source.count, source[count - 1] == padding { count -= 1 }
            }
            return codec.decode(UnsafeRawBufferPointer(rebasing: source[..<count]), ignoringSpareBits: true)
        }
    }

    private static let padding: UInt8 = 0x3d

    /// The text of `bytes` as ASCII bytes.
    static func encodeToBytes(_ bytes: some ByteSource) -> [UInt8] {
        bytes.withByteBuffer { codec.encode($0) }
    }
}
