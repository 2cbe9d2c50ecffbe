public import Cryptography

/// The hash of a recent block, or the value of a durable nonce: what makes a transaction expire.
public struct SolanaBlockhash: Hashable, Sendable {
    private let storage: SolanaAddress

    /// Takes 32 bytes; nil of any other number.
    public init?(bytes: some ByteSource) {
        guard let storage = SolanaAddress(bytes: bytes) else { return nil }
        self.storage = storage
    }

    /// Reads base58; nil unless it is the text of exactly 32 bytes.
    public init?(_ text: String) {
        guard let storage = SolanaAddress(text) else { return nil }
        self.storage = storage
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { storage.bytes }

    func append(to bytes: inout [UInt8]) { storage.append(to: &bytes) }
}

extension SolanaBlockhash: CustomStringConvertible {
    /// Base58.
    public var description: String { storage.description }
}
