/// HMAC with SHA-256 (RFC 2104, FIPS 198-1). Tags are 32 bytes.
public enum HMACSHA256 {
    /// The block length of SHA-256 in bytes: longer keys are hashed first (RFC 2104 section 2).
    private static let blockByteCount = 64

    /// Returns the tag of `message` under `key`. For many messages under one key make a ``Key`` once.
    public static func authenticate(_ message: some ByteSource, key: some ByteSource) -> [UInt8] {
        Key(key).authenticate(message)
    }

    /// A key whose two padded blocks are hashed once, so that a tag costs two blocks less. It is never printed.
    public struct Key: Sendable, CustomStringConvertible, CustomReflectable {
        private let inner: SHA256.Hasher
        private let outer: SHA256.Hasher

        /// Prepares a key of any length.
        public init(_ key: some ByteSource) {
            self = key.withByteBuffer { Key(raw: $0) }
        }

        private init(raw key: UnsafeRawBufferPointer) {
            var block = [UInt8](repeating: 0, count: HMACSHA256.blockByteCount)
            if key.count > HMACSHA256.blockByteCount {
                block.replaceSubrange(0..<SHA256.digestByteCount, with: SHA256.hash(key))
            } else {
                block.replaceSubrange(0..<key.count, with: key)
            }
            var inner = SHA256.Hasher()
            inner.update(block.map { $0 ^ 0x36 })
            var outer = SHA256.Hasher()
            outer.update(block.map { $0 ^ 0x5c })
            self.inner = inner
            self.outer = outer
        }

        /// Returns the tag of `message`.
        public func authenticate(_ message: some ByteSource) -> [UInt8] {
            message.withByteBuffer { tag($0).array }
        }

        /// Whether `tag` is the tag of `message`, compared in constant time.
        public func isValid(_ tag: some ByteSource, for message: some ByteSource) -> Bool {
            let expected = message.withByteBuffer { self.tag($0) }
            return expected.withUnsafeBytes { constantTimeEquals($0, tag) }
        }

        private func tag(_ message: UnsafeRawBufferPointer) -> Bytes32 {
            var first = inner
            first.update(message)
            var second = outer
            first.finalizeInPlace().withUnsafeBytes { second.update($0) }
            return second.finalizeInPlace()
        }

        /// A fixed text: the key is a secret.
        public var description: String { "HMACSHA256.Key(redacted)" }

        /// No children: the key is a secret.
        public var customMirror: Mirror { Mirror(self, children: []) }
    }
}
