public import Cryptography

/// A message and its signatures: what is sent.
public struct SolanaTransaction: Hashable, Sendable {
    /// The signatures, in the order of the message's signers; ``SolanaSignature/empty`` where one is missing.
    public let signatures: [SolanaSignature]
    /// What is signed.
    public let message: SolanaMessage

    /// The transaction's id: the signature of who pays the fee.
    public var id: SolanaSignature { signatures[0] }

    /// Signs a message with every key that it needs.
    /// - Throws: `signerMissing`; `signerUnexpected` for a key that the message does not ask for; `tooLarge`.
    public init(signing message: SolanaMessage, with keys: [Ed25519PrivateKey]) throws(SolanaWireError) {
        let bytes = message.bytes
        guard
            Self.byteCount(signatures: message.header.requiredSignatures, messageBytes: bytes.count)
                <= SolanaWireLimits.transactionBytesMax
        else { throw .tooLarge }
        let addresses = keys.map { SolanaAddress($0.publicKey) }
        guard addresses.allSatisfy({ message.signers.contains($0) }) else { throw .signerUnexpected }
        var signatures: [SolanaSignature] = []
        for signer in message.signers {
            guard let index = addresses.firstIndex(of: signer) else { throw .signerMissing }
            signatures.append(SolanaSignature(of: bytes, by: keys[index]))
        }
        self.signatures = signatures
        self.message = message
    }

    /// A transaction that others have to sign.
    /// - Throws: `tooLarge`.
    public init(unsigned message: SolanaMessage) throws(SolanaWireError) {
        let count = message.header.requiredSignatures
        guard
            Self.byteCount(signatures: count, messageBytes: message.bytes.count)
                <= SolanaWireLimits.transactionBytesMax
        else { throw .tooLarge }
        signatures = [SolanaSignature](repeating: .empty, count: count)
        self.message = message
    }

    /// Reads a transaction's bytes, strictly; see ``SolanaMessage/init(parsing:)``. Signatures are counted, not
    /// checked: see ``checkSignatures()``.
    public init(parsing bytes: [UInt8]) throws(SolanaWireError) {
        guard bytes.count <= SolanaWireLimits.transactionBytesMax else { throw .tooLarge }
        var reader = WireReader(bytes)
        var signatures: [SolanaSignature] = []
        for _ in 0..<(try reader.count(bytesEach: SolanaSignature.byteCount)) {
            guard let signature = SolanaSignature(bytes: try reader.bytes(SolanaSignature.byteCount)) else {
                throw .truncated
            }
            signatures.append(signature)
        }
        message = try SolanaMessage(from: &reader)
        try reader.end()
        guard !signatures.isEmpty, signatures.count == message.header.requiredSignatures else {
            throw .signatureCountMismatch
        }
        self.signatures = signatures
    }

    /// Checks every signature, strictly (RFC 8032).
    /// - Throws: `signatureInvalid`.
    public func checkSignatures() throws(SolanaWireError) {
        let bytes = message.bytes
        for (signer, signature) in zip(message.signers, signatures) {
            guard let key = try? Ed25519PublicKey(rawBytes: signer.bytes),
                key.isValidSignature(signature.bytes, for: bytes)
            else { throw .signatureInvalid }
        }
    }

    /// The bytes that are sent.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SolanaWireLimits.transactionBytesMax)
        CompactU16.append(signatures.count, to: &bytes)
        for signature in signatures { bytes.append(contentsOf: signature.bytes) }
        message.append(to: &bytes)
        return bytes
    }

    /// How long a transaction is.
    static func byteCount(signatures: Int, messageBytes: Int) -> Int {
        CompactU16.encode(UInt16(signatures)).count + signatures * SolanaSignature.byteCount + messageBytes
    }
}
