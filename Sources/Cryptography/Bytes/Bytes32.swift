/// Thirty-two bytes held in place: a key or a digest without a heap allocation.
///
/// The words keep the bytes in memory order, so the struct's own memory is the byte string.
package struct Bytes32: Hashable, Sendable {
    /// How many bytes there are.
    package static let byteCount = 32

    private var word0: UInt64
    private var word1: UInt64
    private var word2: UInt64
    private var word3: UInt64

    /// All bytes zero.
    package init() {
        word0 = 0
        word1 = 0
        word2 = 0
        word3 = 0
    }

    /// Copies the bytes; nil unless there are exactly 32.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        word0 = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        word1 = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        word2 = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        word3 = bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    }

    /// The 256-bit number whose most significant word comes first, written big-endian.
    init(bigEndianWords words: (UInt64, UInt64, UInt64, UInt64)) {
        word0 = words.0.bigEndian
        word1 = words.1.bigEndian
        word2 = words.2.bigEndian
        word3 = words.3.bigEndian
    }

    /// The bytes read as a big-endian number, most significant word first.
    var bigEndianWords: (UInt64, UInt64, UInt64, UInt64) {
        (UInt64(bigEndian: word0), UInt64(bigEndian: word1), UInt64(bigEndian: word2), UInt64(bigEndian: word3))
    }

    /// The bytes read as a little-endian number, least significant word first.
    var littleEndianWords: (UInt64, UInt64, UInt64, UInt64) {
        (
            UInt64(littleEndian: word0), UInt64(littleEndian: word1), UInt64(littleEndian: word2),
            UInt64(littleEndian: word3)
        )
    }

    /// The bytes as an array.
    package var array: [UInt8] {
        withUnsafeBytes { Array($0) }
    }

    /// Calls `body` with the 32 bytes.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var copy = self
        return Swift.withUnsafeBytes(of: &copy, body)
    }

    /// Calls `body` with the 32 bytes to write to.
    package mutating func withUnsafeMutableBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeMutableBytes(of: &self, body)
    }
}
