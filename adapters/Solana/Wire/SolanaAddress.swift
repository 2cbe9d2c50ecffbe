public import Cryptography

/// Thirty-two bytes that name an account: an Ed25519 public key, or a program-derived address. Written in base58.
///
/// Any 32 bytes are an address on the wire; whether money may go there is another question, see ``SolanaRecipient``.
public struct SolanaAddress: Hashable, Sendable {
    /// The length in bytes.
    public static let byteCount = 32
    /// The longest base58 text of 32 bytes.
    static let charactersMax = 44

    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// Takes 32 bytes; nil of any other number.
    public init?(bytes: some ByteSource) {
        let words: (UInt64, UInt64, UInt64, UInt64)? = bytes.withByteBuffer { buffer in
            guard buffer.count == Self.byteCount else { return nil }
            return (
                UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
                UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
            )
        }
        guard let words else { return nil }
        (first, second, third, fourth) = words
    }

    /// Reads base58; nil unless it is the text of exactly 32 bytes.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.charactersMax, let bytes = Base58.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    /// The address of a key.
    public init(_ key: Ed25519PublicKey) {
        self.init(exactly: key.rawBytes)
    }

    /// One that is written in this program.
    init(known text: StaticString) {
        self.init(exactly: Base58.decode("\(text)") ?? [])
    }

    /// Bytes that are 32 by how they were made: a digest, a key.
    init(exactly bytes: [UInt8]) {
        guard let address = Self(bytes: bytes) else { preconditionFailure("an address has 32 bytes") }
        self = address
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        append(to: &bytes)
        return bytes
    }

    /// Appends the 32 bytes.
    func append(to bytes: inout [UInt8]) {
        for word in [first, second, third, fourth] {
            withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
        }
    }

    /// Whether the bytes decode to a point of the curve, whatever its order. A program-derived address never does.
    public var isOnCurve: Bool { Ed25519Point.isOnCurve(bytes) }
}

extension SolanaAddress: Comparable {
    /// In the order of the raw bytes.
    public static func < (left: Self, right: Self) -> Bool {
        if left.first != right.first { return left.first < right.first }
        if left.second != right.second { return left.second < right.second }
        if left.third != right.third { return left.third < right.third }
        return left.fourth < right.fourth
    }
}

extension SolanaAddress: CustomStringConvertible {
    /// Base58.
    public var description: String { Base58.encode(bytes) }
}
