/// The exact value of a JSON number's text: ± mantissa × 10^exponent, where 19 digits hold it.
struct DecimalNumber {
    private(set) var isNegative = false
    /// The significant digits, without zeros at either end.
    private(set) var mantissa: UInt64 = 0
    /// How many digits `mantissa` has; 0 for zero.
    private(set) var digitCount = 0
    private(set) var exponent = 0
    /// False when there are more significant digits than `mantissa` holds; they are cut off, and only the size is
    /// right.
    private(set) var isExact = true

    /// UInt64 holds any 19 digits.
    private static let digitCountMax = 19
    /// Written exponents are cut off here: far past every range, far below overflow.
    private static let exponentMax = 1_000_000

    /// Reads text of the grammar in RFC 8259 section 6; it must have passed ``JSONParser/scanNumber()``.
    init(scanned text: UnsafeBufferPointer<UInt8>) {
        var index = 0
        var zerosHeld = 0
        var pointSeen = false
        scan: while index < text.count {
            let character = text[index]
            switch character {
            case 0x2d:
                isNegative = true
            case 0x2e:
                pointSeen = true
            case 0x30:
                // Zeros count only once another digit follows; until then they are part of the exponent.
                if digitCount > 0 { zerosHeld &+= 1 }
                if pointSeen { exponent &-= 1 }
            case 0x31...0x39:
                take(character &- 0x30, after: zerosHeld)
                zerosHeld = 0
                if pointSeen { exponent &-= 1 }
            default:
                break scan
            }
            index &+= 1
        }
        exponent &+= zerosHeld &+ digitsDropped
        if index < text.count { exponent &+= Self.writtenExponent(text, after: index) }
        if digitCount == 0 { exponent = 0 }
    }

    private var digitsDropped = 0

    private mutating func take(_ digit: UInt8, after zeros: Int) {
        guard isExact, digitCount &+ zeros &+ 1 <= Self.digitCountMax else {
            isExact = false
            digitsDropped &+= zeros &+ 1
            return
        }
        for _ in 0..<zeros { mantissa &*= 10 }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        digitCount &+= zeros &+ 1
    }

    private static func writtenExponent(_ text: UnsafeBufferPointer<UInt8>, after letter: Int) -> Int {
        var value = 0
        var isNegative = false
        for character in text[(letter + 1)...] {
            switch character {
            case 0x2d: isNegative = true
            case 0x30...0x39: value = min(value * 10 + Int(character - 0x30), exponentMax)
            default: break
            }
        }
        return isNegative ? -value : value
    }

    /// The value where it is an integer that Int64 holds; nil otherwise.
    var int64: Int64? {
        if digitCount == 0 { return 0 }
        // Digits cut off make it either a fraction or longer than 19 digits.
        guard isExact, exponent >= 0, exponent < Self.digitCountMax else { return nil }
        var magnitude = mantissa
        for _ in 0..<exponent {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            magnitude = product
        }
        if isNegative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int64(exactly: magnitude)
    }

    /// Whether the value is an integer of any size. Digits cut off are significant, so `exponent` tells it only when
    /// exact.
    var isInteger: Bool { digitCount == 0 || exponent - (isExact ? 0 : digitsDropped) >= 0 }

    /// Whether the double nearest to the value is finite; `text` is the text that it was read from.
    func isFiniteAsDouble(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        // The largest double is about 1.8e308.
        let magnitude = digitCount + exponent
        if magnitude < 309 { return true }
        if magnitude > 309 { return false }
        return Double(String(decoding: text, as: UTF8.self))?.isFinite ?? false
    }
}
