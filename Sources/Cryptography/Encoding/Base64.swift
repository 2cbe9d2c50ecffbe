/// Base 64 with the standard alphabet and padding (RFC 4648 section 4), as `Content-Digest` and key files use it.
public enum Base64 {
    private static let codec = BitCodec(
        alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", bitsPerCharacter: 6)
    private static let padding: UInt8 = 0x3d

    /// Returns the text of `bytes`, padded to a multiple of four characters.
    public static func encode(_ bytes: some ByteSource) -> String {
        var text = bytes.withByteBuffer { codec.encode($0) }
        while !text.count.isMultiple(of: 4) { text.append(padding) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns the bytes; nil unless the text is exactly what ``encode(_:)`` writes for them.
    ///
    /// Missing or surplus padding, line breaks and non-zero bits under the padding are refused: one text for one value.
    public static func decode(_ text: String) -> [UInt8]? {
        text.utf8.withByteBuffer { source in
            guard source.count.isMultiple(of: 4) else { return nil }
            var count = source.count
            if count > 0, source[count - 1] == padding { count -= 1 }
            if count > 0, count < source.count, source[count - 1] == padding { count -= 1 }
            return codec.decode(UnsafeRawBufferPointer(rebasing: source[..<count]))
        }
    }
}
