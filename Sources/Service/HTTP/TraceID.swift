/// The trace that a request belongs to (W3C Trace Context): the caller's, or a new one.
package struct TraceID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads `traceparent`; nil when it is not one of version 00 (or a later version that begins like it).
    package init?(traceparent: String) {
        let bytes = Array(traceparent.utf8)
        guard bytes.count >= 55, bytes[2] == 0x2D, bytes[35] == 0x2D, bytes[52] == 0x2D,
            let version = Self.hex(bytes[0..<2]), version != 0xFF, version != 0 || bytes.count == 55,
            bytes.count == 55 || bytes[55] == 0x2D, Self.hex(bytes[36..<52]) ?? 0 != 0,
            Self.hex(bytes[53..<55]) != nil, let high = Self.hex(bytes[3..<19]), let low = Self.hex(bytes[19..<35]),
            high | low != 0
        else { return nil }
        self.init(high: high, low: low)
    }

    /// 32 lower-case hexadecimal digits.
    package var description: String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            for index in 0..<16 {
                buffer[index] = Self.digit(high, 15 - index)
                buffer[index + 16] = Self.digit(low, 15 - index)
            }
            return 32
        }
    }

    private static func digit(_ word: UInt64, _ nibble: Int) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: word >> UInt64(nibble * 4)) & 15
        return value < 10 ? value + UInt8(ascii: "0") : value + (UInt8(ascii: "a") - 10)
    }

    private static func hex(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var word: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): word = word << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): word = word << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return word
    }
}

/// Numbers for trace ids: unlike the system's generator, without a system call each. They need to be distinct, not
/// secret (SplitMix64, seeded by the system's generator).
struct TraceIDGenerator {
    private var state: UInt64

    init() {
        var system = SystemRandomNumberGenerator()
        state = system.next()
    }

    mutating func next() -> TraceID {
        TraceID(high: word(), low: word() | 1)
    }

    private mutating func word() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
