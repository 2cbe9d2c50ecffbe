import CSodium

/// An Ed25519 public key (RFC 8032): 32 bytes, canonical, not of small order.
///
/// That the bytes decode to a point is found out when a signature is checked: no signature is valid under a key that
/// is no point.
public struct Ed25519PublicKey: Hashable, Sendable, CustomStringConvertible {
    /// The length of a key in bytes.
    public static let byteCount = 32
    /// The length of a signature in bytes: R, then S.
    public static let signatureByteCount = 64

    package let storage: Bytes32

    /// Takes the 32 raw bytes of a key.
    ///
    /// Throws `keyLengthInvalid`, `keyNonCanonical` or `keySmallOrder`.
    public init(rawBytes: some ByteSource) throws(CryptographyError) {
        guard let storage = rawBytes.withByteBuffer({ Bytes32($0) }) else { throw .keyLengthInvalid }
        try self.init(storage: storage)
    }

    package init(storage: Bytes32) throws(CryptographyError) {
        guard Ed25519Point.isCanonical(storage) else { throw .keyNonCanonical }
        guard !Ed25519Point.isSmallOrder(storage) else { throw .keySmallOrder }
        self.storage = storage
    }

    /// A key that libsodium derived from a seed: always canonical and of full order.
    init(derived storage: Bytes32) {
        self.storage = storage
    }

    /// The key's 32 bytes.
    public var rawBytes: [UInt8] { storage.array }

    /// Base58btc of the key: what follows `did:imajin:`, and a Solana address.
    public var description: String { Base58.encode32(storage) }

    /// Whether `signature` (64 bytes) is this key's signature over `message`.
    ///
    /// The check is strict: a signature of another length, with S not below the group order, with R of small order
    /// or not canonically written is false, as is one that differs in any bit.
    public func isValidSignature(_ signature: some ByteSource, for message: some ByteSource) -> Bool {
        signature.withByteBuffer { signatureBytes in
            message.withByteBuffer { verify(signatureBytes, $0) }
        }
    }

    private func verify(_ signature: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer) -> Bool {
        guard signature.count == Self.signatureByteCount,
            let signatureBase = signature.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return false }
        Sodium.prepare()
        let messageBase = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return storage.withUnsafeBytes { key in
            guard let keyBase = key.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
            return crypto_sign_verify_detached(signatureBase, messageBase, UInt64(message.count), keyBase) == 0
        }
    }
}
