/// Takes bytes from the front of a message, and says so when there are too few.
struct WireReader {
    private let bytes: [UInt8]
    /// How many were taken.
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next byte, not taken.
    func peek() throws(SolanaWireError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        return bytes[position]
    }

    mutating func byte() throws(SolanaWireError) -> UInt8 {
        let byte = try peek()
        position += 1
        return byte
    }

    mutating func bytes(_ count: Int) throws(SolanaWireError) -> [UInt8] {
        guard count <= bytes.count - position else { throw .truncated }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func address() throws(SolanaWireError) -> SolanaAddress {
        SolanaAddress(exactly: try bytes(SolanaAddress.byteCount))
    }

    /// A length, of which each element takes `bytesEach` at least: one that cannot be true is refused at once.
    mutating func count(bytesEach: Int) throws(SolanaWireError) -> Int {
        let count = try compactU16()
        guard count * bytesEach <= bytes.count - position else { throw .truncated }
        return count
    }

    mutating func compactU16() throws(SolanaWireError) -> Int {
        var value = 0
        for index in 0..<3 {
            let byte = try byte()
            value |= Int(byte & 0x7F) << (7 * index)
            guard byte & 0x80 == 0 else { continue }
            guard byte != 0 || index == 0 else { throw .numberNotCanonical }
            guard value <= 0xFFFF else { throw .numberTooLarge }
            return value
        }
        throw .numberTooLarge
    }

    func end() throws(SolanaWireError) {
        guard position == bytes.count else { throw .trailingBytes }
    }
}
