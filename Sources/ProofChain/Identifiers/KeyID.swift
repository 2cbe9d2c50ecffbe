public import Cryptography

/// What an identity calls a key: any text, compared and hashed by its UTF-8 bytes (Swift's own `==` on strings takes
/// different byte strings for equal).
public struct KeyID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The text.
    public let string: String

    /// Takes any text.
    public init(_ string: String) {
        self.string = string
    }

    /// The conventional name of a key: `key_` and the identifier of its 32 bytes.
    public init(conventionalFor key: Ed25519PublicKey) {
        string = "key_" + ChainIdentifier(hashing: key.rawBytes).string
    }

    /// The text.
    public var description: String { string }

    /// Whether both are the same bytes.
    public static func == (left: KeyID, right: KeyID) -> Bool { left.string.utf8.elementsEqual(right.string.utf8) }

    /// Whether `left` comes first in byte order.
    public static func < (left: KeyID, right: KeyID) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        string.utf8.withByteBuffer { hasher.combine(bytes: $0) }
    }
}
