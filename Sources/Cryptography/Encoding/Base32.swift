/// Base 32 in lower case without padding (RFC 4648 section 6; multibase `b`), as CIDs use it.
public enum Base32 {
    private static let codec = BitCodec(alphabet: "abcdefghijklmnopqrstuvwxyz234567", bitsPerCharacter: 5)

    /// Returns the text of `bytes`.
    public static func encode(_ bytes: some ByteSource) -> String {
        String(decoding: bytes.withByteBuffer { codec.encode($0) }, as: UTF8.self)
    }

    /// Returns the bytes; nil unless the text is exactly what ``encode(_:)`` writes for them.
    ///
    /// Upper case, padding and non-zero bits in the last character are refused.
    public static func decode(_ text: String) -> [UInt8]? {
        text.utf8.withByteBuffer { codec.decode($0) }
    }

    /// The bytes that ASCII text stands for; nil as for the string.
    static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        codec.decode(text)
    }

    /// The text of `bytes` as ASCII bytes.
    static func encodeToBytes(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        codec.encode(bytes)
    }
}
