import COpenSSL

/// SHA-256 (FIPS 180-4), by OpenSSL.
///
/// It uses the library's block functions on a context held in place: no algorithm fetch, no heap context. Digests are
/// 32 bytes.
public enum SHA256 {
    /// The length of a digest in bytes.
    public static let digestByteCount = 32

    /// Returns the digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { digest($0).array }
    }

    /// Returns the digest of `bytes`, without copying them.
    public static func hash(_ bytes: some ByteSource) -> [UInt8] {
        bytes.withByteBuffer { digest($0).array }
    }

    /// Returns the digest of `bytes`, held in place.
    package static func digest(_ bytes: UnsafeRawBufferPointer) -> Bytes32 {
        var hasher = Hasher()
        hasher.update(bytes)
        return hasher.finalizeInPlace()
    }

    /// A digest in the making, for bytes that arrive in pieces. A copy goes its own way from where it was made.
    public struct Hasher: Sendable {
        private var context = SHA256_CTX()

        /// Starts with no bytes hashed.
        public init() {
            SHA256_Init(&context)
        }

        /// Hashes `bytes` after everything hashed before.
        public mutating func update(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { update($0) }
        }

        /// Hashes `bytes` after everything hashed before, without copying them.
        public mutating func update(_ bytes: some ByteSource) {
            bytes.withByteBuffer { update($0) }
        }

        /// Hashes a raw buffer after everything hashed before.
        public mutating func update(_ bytes: UnsafeRawBufferPointer) {
            SHA256_Update(&context, bytes.baseAddress, bytes.count)
        }

        /// Returns the digest of everything hashed. The hasher is left as it is and may go on.
        public func finalize() -> [UInt8] {
            finalizeInPlace().array
        }

        /// Returns the digest of everything hashed, held in place.
        package func finalizeInPlace() -> Bytes32 {
            var last = context
            var digest = Bytes32()
            digest.withUnsafeMutableBytes { buffer in
                _ = SHA256_Final(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), &last)
            }
            return digest
        }
    }
}
