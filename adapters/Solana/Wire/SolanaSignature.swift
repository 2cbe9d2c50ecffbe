import Cryptography

/// An Ed25519 signature. The first one of a transaction is the transaction's id.
public struct SolanaSignature: Hashable, Sendable {
    /// The length in bytes.
    public static let byteCount = 64
    /// The longest base58 text of 64 bytes.
    static let charactersMax = 88

    /// The 64 bytes.
    public let bytes: [UInt8]

    /// Takes 64 bytes; nil of any other number.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Reads base58; nil unless it is the text of exactly 64 bytes.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.charactersMax, let bytes = Base58.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    /// What stands where somebody has yet to sign.
    public static let empty = SolanaSignature(zeros: byteCount)

    private init(zeros count: Int) { bytes = [UInt8](repeating: 0, count: count) }

    /// Signs.
    init(of message: [UInt8], by key: Ed25519PrivateKey) { bytes = key.sign(message) }
}

extension SolanaSignature: CustomStringConvertible {
    /// Base58.
    public var description: String { Base58.encode(bytes) }
}
