/// The digits and scale of an unsigned JSON number: the value is `digits` × 10^`exponent`, exactly.
struct DecimalText {
    /// Longest text looked at. RFC 8785 writes no number longer than 25 characters.
    static let lengthMax = 32

    /// Decimal digits, most significant first, without leading or trailing zeros; empty for zero.
    private(set) var digits: [UInt8] = []
    private(set) var exponent = 0

    /// Reads `digits[.digits][e[+|-]digits]`; nil when the text is anything else, a negative number included.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= DecimalText.lengthMax else { return nil }
        var position = 0
        guard readDigits(bytes, &position, afterPoint: false) else { return nil }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard readDigits(bytes, &position, afterPoint: true) else { return nil }
        }
        if position < bytes.count {
            guard readExponent(bytes, &position) else { return nil }
        }
        guard position == bytes.count else { return nil }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        digits = Array(digits.drop { $0 == 0 })
    }

    /// The value in units of 10^-`decimals`, or nil when it has more decimals than that or does not fit in 64 bits.
    func scaled(decimals: Int) -> UInt64? {
        guard !digits.isEmpty else { return 0 }
        let zeros = exponent + decimals
        // 64 bits hold at most 20 digits, so more zeros than that cannot fit.
        guard zeros >= 0, zeros <= 20 else { return nil }
        var value: UInt64 = 0
        for digit in digits + Array(repeating: 0, count: zeros) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carried else { return nil }
            value = sum
        }
        return value
    }

    private mutating func readDigits(_ bytes: [UInt8], _ position: inout Int, afterPoint: Bool) -> Bool {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            digits.append(bytes[position] - UInt8(ascii: "0"))
            exponent -= afterPoint ? 1 : 0
            position += 1
        }
        return position > start
    }

    private mutating func readExponent(_ bytes: [UInt8], _ position: inout Int) -> Bool {
        guard bytes[position] == UInt8(ascii: "e") || bytes[position] == UInt8(ascii: "E") else { return false }
        position += 1
        var isNegative = false
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
            isNegative = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        guard let written = Int(String(decoding: bytes[position...], as: UTF8.self)), written >= 0, written < 1000,
            position < bytes.count, bytes[position] != UInt8(ascii: "+"), bytes[position] != UInt8(ascii: "-")
        else { return false }
        exponent += isNegative ? -written : written
        position = bytes.count
        return true
    }
}
