import CSodium

/// An Ed25519 private key (RFC 8032). It is never printed, and its memory is cleared when its last copy goes.
public struct Ed25519PrivateKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The length of a seed in bytes.
    public static let seedByteCount = 32

    /// The public key that belongs to it.
    public let publicKey: Ed25519PublicKey

    private let secret: SecretKeyMemory

    /// Makes a new key from 32 unpredictable bytes.
    public init() {
        var seed = RandomBytes.generate(Self.seedByteCount)
        self.init(exactSeed: seed)
        sodium_memzero(&seed, seed.count)
    }

    /// Derives the key from its 32-byte seed, which RFC 8032 calls the private key. Throws `keyLengthInvalid`.
    public init(seed: some ByteSource) throws(CryptographyError) {
        var copy = seed.withByteBuffer { Array($0) }
        guard copy.count == Self.seedByteCount else { throw .keyLengthInvalid }
        self.init(exactSeed: copy)
        sodium_memzero(&copy, copy.count)
    }

    private init(exactSeed seed: [UInt8]) {
        Sodium.prepare()
        let secret = SecretKeyMemory()
        var derived = Bytes32()
        var publicBytes = [UInt8](repeating: 0, count: Bytes32.byteCount)
        crypto_sign_seed_keypair(&publicBytes, secret.pointer, seed)
        derived.withUnsafeMutableBytes { $0.copyBytes(from: publicBytes) }
        self.secret = secret
        self.publicKey = Ed25519PublicKey(derived: derived)
    }

    /// The 32-byte seed. A secret: write it only to a key file with mode 0600.
    public var seed: [UInt8] {
        Array(UnsafeBufferPointer(start: secret.pointer, count: Self.seedByteCount))
    }

    /// Returns the 64-byte signature over `message`. It is deterministic (RFC 8032 section 5.1.6).
    public func sign(_ message: some ByteSource) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Ed25519PublicKey.signatureByteCount)
        message.withByteBuffer { messageBytes in
            let messageBase = messageBytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            _ = crypto_sign_detached(&signature, nil, messageBase, UInt64(messageBytes.count), secret.pointer)
        }
        return signature
    }

    /// The public key, and that there is a private one.
    public var description: String { "Ed25519PrivateKey(\(publicKey), redacted)" }

    /// The same as `description`: a debugger's print shows no secret either.
    public var debugDescription: String { description }

    /// No children: `dump` and reflection show no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The 64 bytes that libsodium signs with (seed, then public key), outside Swift's copying of values.
///
/// Sendable because the memory is written once, while the only reference is still in the initialiser that made it,
/// and is only read afterwards until the last reference goes.
private final class SecretKeyMemory: @unchecked Sendable {
    static let byteCount = 64

    let pointer: UnsafeMutablePointer<UInt8>

    init() {
        pointer = .allocate(capacity: Self.byteCount)
        pointer.initialize(repeating: 0, count: Self.byteCount)
    }

    deinit {
        sodium_memzero(pointer, Self.byteCount)
        pointer.deallocate()
    }
}
