/// Text that is another as soon as its bytes differ, as in the database: Swift's `String` takes é and e with an accent
/// for one.
public struct ByteText: Hashable, Sendable {
    /// The text.
    public let text: String

    /// A text to be compared by its UTF-8 bytes.
    public init(_ text: String) { self.text = text }

    /// Same bytes.
    public static func == (left: ByteText, right: ByteText) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
