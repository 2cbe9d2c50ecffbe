public import Cryptography

/// The 31 characters that name a chain: what a genesis operation hashes to, in an alphabet without look-alikes.
///
/// `alphabet[byte % 19]` for the first 31 bytes of SHA-256 of the genesis CID's 36 bytes. Source: DFOS PROTOCOL,
/// identifier derivation.
public struct ChainIdentifier: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// How many characters there are.
    public static let characterCount = 31
    /// The characters in the order of their values.
    static let alphabet = Array("2346789acdefhknrtvz".utf8)

    /// The characters.
    public let string: String

    /// Reads an identifier. Throws `identifierInvalid` unless it is 31 characters of the alphabet.
    public init(_ string: String) throws(ProofError) {
        try self.init(utf8: string.utf8)
    }

    /// Reads an identifier from UTF-8 bytes. Throws `identifierInvalid`.
    init(utf8 bytes: some Collection<UInt8>) throws(ProofError) {
        guard bytes.count == Self.characterCount, bytes.allSatisfy({ Self.alphabet.contains($0) }) else {
            throw ProofError(.identifierInvalid)
        }
        string = String(decoding: bytes, as: UTF8.self)
    }

    /// The identifier of the chain that begins with this operation.
    public init(genesis: CID) {
        self.init(hashing: genesis.bytes)
    }

    /// The identifier of any bytes: key identifiers by convention are made so of the raw public key.
    public init(hashing bytes: some ByteSource) {
        let digest = SHA256.hash(bytes)
        let characters = digest.prefix(Self.characterCount).map { Self.alphabet[Int($0) % Self.alphabet.count] }
        string = String(decoding: characters, as: UTF8.self)
    }

    /// The characters.
    public var description: String { string }

    /// Whether `left` comes first in byte order.
    public static func < (left: ChainIdentifier, right: ChainIdentifier) -> Bool { left.string < right.string }
}

/// The identifier of a content chain: a bare ``ChainIdentifier``.
public typealias ContentID = ChainIdentifier
