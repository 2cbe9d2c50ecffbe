/// Writes bytes as characters of 5 or 6 bits each, most significant bit first, without padding (RFC 4648).
struct BitCodec: Sendable {
    private let characters: [UInt8]
    /// The value of each byte as a character, 0xff outside the alphabet.
    private let values: [UInt8]
    private let bitsPerCharacter: Int

    init(alphabet: String, bitsPerCharacter: Int) {
        characters = Array(alphabet.utf8)
        precondition(characters.count == 1 << bitsPerCharacter)
        var values = [UInt8](repeating: 0xff, count: 256)
        for (value, character) in characters.enumerated() { values[Int(character)] = UInt8(value) }
        self.values = values
        self.bitsPerCharacter = bitsPerCharacter
    }

    func encode(_ source: UnsafeRawBufferPointer) -> [UInt8] {
        let count = (source.count * 8 + bitsPerCharacter - 1) / bitsPerCharacter
        let mask = UInt32(1) << UInt32(bitsPerCharacter) - 1
        return [UInt8](unsafeUninitializedCapacity: count) { target, initializedCount in
            var buffer: UInt32 = 0
            var bits = 0
            var index = 0
            for byte in source {
                buffer = buffer << 8 | UInt32(byte)
                bits += 8
                while bits >= bitsPerCharacter {
                    bits -= bitsPerCharacter
                    target[index] = characters[Int(buffer >> UInt32(bits) & mask)]
                    index += 1
                }
            }
            if bits > 0 {
                target[index] = characters[Int(buffer << UInt32(bitsPerCharacter - bits) & mask)]
                index += 1
            }
            initializedCount = index
        }
    }

    /// Nil for a character outside the alphabet, a length that no byte string has, or non-zero bits at the end unless
    /// they are to be ignored.
    func decode(_ source: UnsafeRawBufferPointer, ignoringSpareBits: Bool = false) -> [UInt8]? {
        let bitCount = source.count * bitsPerCharacter
        // Bits that make no whole byte must be fewer than one character, or the last character carries nothing.
        guard bitCount % 8 < bitsPerCharacter else { return nil }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: bitCount / 8) { target, initializedCount in
            var buffer: UInt32 = 0
            var bits = 0
            var index = 0
            for character in source {
                let value = values[Int(character)]
                guard value != 0xff else {
                    isValid = false
                    break
                }
                buffer = buffer << UInt32(bitsPerCharacter) | UInt32(value)
                bits += bitsPerCharacter
                if bits >= 8 {
                    bits -= 8
                    target[index] = UInt8(truncatingIfNeeded: buffer >> UInt32(bits))
                    index += 1
                }
            }
            if !ignoringSpareBits, buffer & (UInt32(1) << UInt32(bits) - 1) != 0 { isValid = false }
            initializedCount = index
        }
        return isValid ? bytes : nil
    }
}
