/// Numbers as ECMAScript writes them (ECMA-262, Number::toString), which RFC 8785 section 3.2.2.3 signs.
public enum ECMAScriptNumber {
    /// The text of the double nearest to a JSON number: the fewest digits that name it.
    ///
    /// Nil when `decimalText` is no JSON number or no finite double is near.
    public static func text(of decimalText: String) -> String? {
        guard let document = try? JSONDocument(parsing: Array(decimalText.utf8)), document.root.kind == .number,
            document.root.rawRange.count == decimalText.utf8.count
        else { return nil }
        return String(decoding: document.root.canonicalBytes(), as: UTF8.self)
    }

    /// Decimals of up to this many digits name distinct doubles, and are each the shortest name of theirs.
    private static let exactDigitCountMax = 15
    /// Where that holds: away from the subnormal numbers and from overflow.
    private static let exactMagnitudes = -290...290

    /// Appends the text of a number that the parser has accepted.
    static func append(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        let number = DecimalNumber(scanned: text)
        if number.isExact, number.digitCount <= exactDigitCountMax,
            exactMagnitudes.contains(number.digitCount + number.exponent)
        {
            return append(number, to: &output)
        }
        // Swift prints the shortest digits too, the nearest to the value among those; only its layout differs.
        var shortest = (Double(String(decoding: text, as: UTF8.self)) ?? 0).description
        shortest.withUTF8 { append(DecimalNumber(scanned: $0), to: &output) }
    }

    private static func append(_ number: DecimalNumber, to output: inout [UInt8]) {
        guard number.digitCount > 0 else { return output.append(0x30) }
        if number.isNegative { output.append(0x2d) }
        // As in ECMA-262: k digits, and the value is 0.digits × 10^n.
        let k = number.digitCount
        let n = number.digitCount + number.exponent
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: k) { digits in
            var rest = number.mantissa
            for index in stride(from: k - 1, through: 0, by: -1) {
                digits[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            switch n {
            case k...21:
                output.append(contentsOf: digits)
                for _ in k..<n { output.append(0x30) }
            case 1...21:
                output.append(contentsOf: digits[..<n])
                output.append(0x2e)
                output.append(contentsOf: digits[n...])
            case -5...0:
                output.append(0x30)
                output.append(0x2e)
                for _ in n..<0 { output.append(0x30) }
                output.append(contentsOf: digits)
            default:
                output.append(digits[0])
                if k > 1 {
                    output.append(0x2e)
                    output.append(contentsOf: digits[1...])
                }
                output.append(0x65)
                output.append(n > 0 ? 0x2b : 0x2d)
                output.append(contentsOf: String((n - 1).magnitude).utf8)
            }
        }
    }
}
