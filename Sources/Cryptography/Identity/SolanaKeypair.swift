/// Solana's keypair file: a JSON array of 64 numbers, the seed and then the public key.
public enum SolanaKeypair {
    /// The length of a keypair in bytes.
    public static let byteCount = 64
    /// How large a keypair file may be: 64 numbers take some 300 bytes; the rest is white space.
    static let limits = JSONLimits(depth: 1, members: 64, bytes: 4 * 1_024)

    /// Returns the file's content for a key, in Solana's own layout. A secret.
    public static func encode(_ key: Ed25519PrivateKey) -> [UInt8] {
        var writer = JSONWriter(reserving: 320)
        writer.beginArray()
        for byte in key.seed + key.publicKey.rawBytes { writer.int(Int64(byte)) }
        writer.endArray()
        return writer.bytes
    }

    /// Reads a file's content. Throws `solanaKeypairInvalid`, or `keyMismatch` when the two halves are not of one pair.
    public static func decode(_ bytes: [UInt8]) throws(CryptographyError) -> Ed25519PrivateKey {
        guard let root = try? JSONDocument(parsing: bytes, limits: limits).root, root.kind == .array,
            root.count == byteCount
        else { throw .solanaKeypairInvalid }
        let keypair = root.elements.compactMap { $0.int64.flatMap { UInt8(exactly: $0) } }
        guard keypair.count == byteCount else { throw .solanaKeypairInvalid }
        let key = try Ed25519PrivateKey(seed: keypair[..<Ed25519PrivateKey.seedByteCount])
        guard key.publicKey.rawBytes.elementsEqual(keypair[Ed25519PrivateKey.seedByteCount...]) else {
            throw .keyMismatch
        }
        return key
    }
}
