/// A content identifier: CIDv1 of raw or dag-cbor content under SHA-256, written as multibase base32 (`bafkrei…`,
/// `bafyrei…`).
///
/// Other versions, codecs, hash functions and bases are refused, so that one content has one identifier.
public struct CID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// How the content is to be read.
    public enum Codec: UInt8, Hashable, Sendable {
        /// Bytes as they are.
        case raw = 0x55
        /// Deterministic CBOR of the IPLD data model.
        case dagCBOR = 0x71
    }

    /// The length of the binary form: version, codec, hash function, digest length, digest.
    public static let byteCount = 36
    /// The length of the text: `b` and 58 characters for 36 bytes.
    static let characterCount = 59

    /// How the content is to be read.
    public let codec: Codec

    private let digestBytes: Bytes32

    /// The identifier of `bytes`.
    public init(codec: Codec, hashing bytes: some ByteSource) {
        self.codec = codec
        self.digestBytes = bytes.withByteBuffer { SHA256.digest($0) }
    }

    /// The identifier of the content that has this SHA-256 digest. Throws `cidInvalid` unless it is 32 bytes long.
    public init(codec: Codec, digest: some ByteSource) throws(CryptographyError) {
        guard let digestBytes = digest.withByteBuffer({ Bytes32($0) }) else { throw .cidInvalid }
        self.codec = codec
        self.digestBytes = digestBytes
    }

    /// Reads the binary form. Throws `cidInvalid`.
    public init(bytes: some ByteSource) throws(CryptographyError) {
        guard let parsed = bytes.withByteBuffer({ CID(binary: $0) }) else { throw .cidInvalid }
        self = parsed
    }

    /// Reads the text form. Throws `cidInvalid`.
    public init(_ string: String) throws(CryptographyError) {
        let parsed: CID? = string.utf8.withByteBuffer { text in
            guard text.count == Self.characterCount, text[0] == Self.multibasePrefix,
                let bytes = Base32.decode(UnsafeRawBufferPointer(rebasing: text[1...]))
            else { return nil }
            return bytes.withUnsafeBytes { CID(binary: $0) }
        }
        guard let parsed else { throw .cidInvalid }
        self = parsed
    }

    private init?(binary bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount, bytes[0] == 0x01, let codec = Codec(rawValue: bytes[1]),
            bytes[2] == 0x12, bytes[3] == 0x20, let digest = Bytes32(UnsafeRawBufferPointer(rebasing: bytes[4...]))
        else { return nil }
        self.codec = codec
        self.digestBytes = digest
    }

    /// Multibase's mark of lower-case base32 without padding.
    private static let multibasePrefix: UInt8 = 0x62

    /// The SHA-256 digest of the content, 32 bytes.
    public var digest: [UInt8] { digestBytes.array }

    /// The binary form, 36 bytes: version 1, codec, SHA-256, 32, digest.
    public var bytes: [UInt8] {
        [0x01, codec.rawValue, 0x12, 0x20] + digestBytes.array
    }

    /// The text form, 59 characters.
    public var string: String {
        var text = [Self.multibasePrefix]
        text.reserveCapacity(Self.characterCount)
        text.append(contentsOf: bytes.withUnsafeBytes { Base32.encodeToBytes($0) })
        return String(decoding: text, as: UTF8.self)
    }

    /// The text form.
    public var description: String { string }

    /// Whether `left` comes first in the byte order of the binary form.
    public static func < (left: CID, right: CID) -> Bool {
        guard left.codec == right.codec else { return left.codec.rawValue < right.codec.rawValue }
        return left.digestBytes.bigEndianWords < right.digestBytes.bigEndianWords
    }
}
