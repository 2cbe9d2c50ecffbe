/// A decentralised identifier: ASCII, compared, ordered and hashed by its bytes.
///
/// Three forms are accepted, in at most ``byteCountMax`` bytes:
/// - `did:imajin:` and base58btc of a 32-byte Ed25519 public key, which must be canonical and not of small order;
/// - `did:imajin:<kind>:<id>` with a ``DIDKind`` and 1 to 128 characters of `A-Z a-z 0-9 . _ -`: no key;
/// - any other method, in the syntax of W3C DID Core section 3.1: well-formed, without a key that is known here.
///
/// A `did:imajin:` of any other shape, a DID URL with path, query or fragment, and every other string are refused.
public struct DID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The longest DID in bytes. Longer ones are refused, so that one fits any index and any log line.
    public static let byteCountMax = 200

    /// The whole identifier.
    public let string: String

    private let form: Form

    /// Reads an identifier. Throws `didInvalid`.
    public init(_ string: String) throws(CryptographyError) {
        guard let form = string.utf8.withByteBuffer({ Form(parsing: $0) }) else { throw .didInvalid }
        self.string = string
        self.form = form
    }

    /// Reads an identifier from UTF-8 bytes. Throws `didInvalid`.
    public init(utf8 bytes: some ByteSource) throws(CryptographyError) {
        let parsed: DID? = bytes.withByteBuffer { source in
            Form(parsing: source).map { DID(checked: String(decoding: source, as: UTF8.self), form: $0) }
        }
        guard let parsed else { throw .didInvalid }
        self = parsed
    }

    /// The DID of a public key: `did:imajin:` and its base58btc text.
    public init(publicKey: Ed25519PublicKey) {
        self.init(checked: "did:imajin:" + Base58.encode32(publicKey.storage), form: .key)
    }

    /// The DID of something without a key. Throws `didInvalid` when `id` is not 1 to 128 of `A-Z a-z 0-9 . _ -`.
    public init(kind: DIDKind, id: String) throws(CryptographyError) {
        try self.init("did:imajin:\(kind.rawValue):\(id)")
    }

    private init(checked string: String, form: Form) {
        self.string = string
        self.form = form
    }

    /// Whether the identifier is itself a public key, so that it resolves offline and can sign.
    public var isKey: Bool { form == .key }

    /// Whether this is a soft DID: it holds balances and cannot sign.
    public var isSoft: Bool { form == .kind(.soft) }

    /// The kind of a `did:imajin:<kind>:<id>`; nil for the other forms.
    public var kind: DIDKind? {
        if case .kind(let kind) = form { return kind }
        return nil
    }

    /// Whether the method is `imajin`.
    public var isImajin: Bool { form != .otherMethod }

    /// The public key that the identifier is; nil for the other forms.
    public var publicKey: Ed25519PublicKey? {
        guard isKey else { return nil }
        return string.utf8.withByteBuffer { bytes in
            let address = UnsafeRawBufferPointer(rebasing: bytes[Form.imajinPrefix.utf8CodeUnitCount...])
            return Base58.decode32(address).flatMap { try? Ed25519PublicKey(storage: $0) }
        }
    }

    /// The whole identifier.
    public var description: String { string }

    /// Whether both are the same bytes.
    public static func == (left: DID, right: DID) -> Bool { left.string == right.string }

    /// Whether `left` comes first in byte order.
    public static func < (left: DID, right: DID) -> Bool { left.string < right.string }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(string) }
}
