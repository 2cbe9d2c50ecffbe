/// Base58 with Bitcoin's alphabet (base58btc): no `0`, `O`, `I` or `l`; a leading zero byte is a leading `1`.
///
/// Ten digits at a time make one 64-bit limb, so that 32 bytes cost five multiply-and-add rounds over four words.
public enum Base58 {
    /// The longest text that is decoded, in characters, and the longest byte string that is encoded, in bytes.
    /// The work is quadratic; nothing here is longer than a 64-byte signature or an 88-character keypair.
    public static let lengthMax = 1_024

    private static let digitsPerLimb = 10
    /// 58^10, which fits 59 bits.
    private static let limbBase: UInt64 = 430_804_206_899_405_824

    /// Returns the text of `bytes`. There must be no more than ``lengthMax`` of them.
    public static func encode(_ bytes: some ByteSource) -> String {
        bytes.withByteBuffer { source in
            precondition(source.count <= lengthMax, "base58 is for short byte strings")
            if let exact = Bytes32(source) { return encode32(exact) }
            return encodeAny(source)
        }
    }

    /// Returns the bytes that `text` stands for; nil for a character outside the alphabet or too long a text.
    public static func decode(_ text: String) -> [UInt8]? {
        text.utf8.withByteBuffer { source in
            guard source.count <= lengthMax else { return nil }
            return decodeAny(source)
        }
    }

    /// The shortest and longest text of 32 bytes: all zeros, all ones.
    static let characters32 = 32...44

    /// Returns the 32 bytes that the text stands for; nil unless it is the text of exactly 32 bytes.
    static func decode32(_ text: UnsafeRawBufferPointer) -> Bytes32? {
        guard characters32.contains(text.count) else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var position = 0
        var end = text.count % digitsPerLimb
        if end == 0 { end = digitsPerLimb }
        while position < text.count {
            var limb: UInt64 = 0
            while position < end {
                let digit = digits[Int(text[position])]
                guard digit >= 0 else { return nil }
                limb = limb &* 58 &+ UInt64(truncatingIfNeeded: digit)
                position += 1
            }
            guard multiplyAdd(&words, limb) else { return nil }
            end += digitsPerLimb
        }
        var ones = 0
        while ones < text.count, text[ones] == oneDigit { ones += 1 }
        return ones == leadingZeroBytes(words) ? Bytes32(bigEndianWords: words) : nil
    }

    /// Returns the text of 32 bytes.
    static func encode32(_ bytes: Bytes32) -> String {
        var words = bytes.bigEndianWords
        let zeroCount = leadingZeroBytes(words)
        var limbs: (UInt64, UInt64, UInt64, UInt64, UInt64)
        limbs.4 = divide(&words)
        limbs.3 = divide(&words)
        limbs.2 = divide(&words)
        limbs.1 = divide(&words)
        limbs.0 = words.3
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 5 * digitsPerLimb) { scratch in
            write(limbs.0, to: scratch, at: 0)
            write(limbs.1, to: scratch, at: digitsPerLimb)
            write(limbs.2, to: scratch, at: 2 * digitsPerLimb)
            write(limbs.3, to: scratch, at: 3 * digitsPerLimb)
            write(limbs.4, to: scratch, at: 4 * digitsPerLimb)
            var start = 0
            while start < scratch.count, scratch[start] == oneDigit { start += 1 }
            return String(decoding: UnsafeBufferPointer(rebasing: scratch[(start - zeroCount)...]), as: UTF8.self)
        }
    }

    /// words = words * 58^10 + limb; false when that does not fit 256 bits.
    @inline(__always)
    private static func multiplyAdd(_ words: inout (UInt64, UInt64, UInt64, UInt64), _ limb: UInt64) -> Bool {
        // A partial first limb multiplies zero, so the full base is right for it too.
        var carry = limb
        (carry, words.3) = multiplyAdd(words.3, carry)
        (carry, words.2) = multiplyAdd(words.2, carry)
        (carry, words.1) = multiplyAdd(words.1, carry)
        (carry, words.0) = multiplyAdd(words.0, carry)
        return carry == 0
    }

    @inline(__always)
    private static func multiplyAdd(_ word: UInt64, _ carry: UInt64) -> (carry: UInt64, word: UInt64) {
        let product = word.multipliedFullWidth(by: limbBase)
        let (low, overflow) = product.low.addingReportingOverflow(carry)
        return (product.high &+ (overflow ? 1 : 0), low)
    }

    /// Divides by 58^10 and returns the remainder.
    private static func divide(_ words: inout (UInt64, UInt64, UInt64, UInt64)) -> UInt64 {
        var remainder: UInt64 = 0
        (words.0, remainder) = limbBase.dividingFullWidth((remainder, words.0))
        (words.1, remainder) = limbBase.dividingFullWidth((remainder, words.1))
        (words.2, remainder) = limbBase.dividingFullWidth((remainder, words.2))
        (words.3, remainder) = limbBase.dividingFullWidth((remainder, words.3))
        return remainder
    }

    private static func leadingZeroBytes(_ words: (UInt64, UInt64, UInt64, UInt64)) -> Int {
        if words.0 != 0 { return words.0.leadingZeroBitCount / 8 }
        if words.1 != 0 { return 8 + words.1.leadingZeroBitCount / 8 }
        if words.2 != 0 { return 16 + words.2.leadingZeroBitCount / 8 }
        return 24 + words.3.leadingZeroBitCount / 8
    }

    @inline(__always)
    private static func write(_ limb: UInt64, to scratch: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        var rest = limb
        var index = start + digitsPerLimb
        while index > start {
            index -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 58)
            scratch[index] = alphabet[Int(digit)]
            rest = quotient
        }
    }
}

extension Base58 {
    static let oneDigit: UInt8 = 0x31

    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    /// The value of each byte as a digit, -1 outside the alphabet.
    private static let digits: [Int8] = {
        var table = [Int8](repeating: -1, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = Int8(value) }
        return table
    }()

    private static func encodeAny(_ source: UnsafeRawBufferPointer) -> String {
        let zeroCount = source.prefix { $0 == 0 }.count
        var reversedDigits: [UInt8] = []
        for byte in source.dropFirst(zeroCount) {
            var carry = UInt32(byte)
            for index in reversedDigits.indices {
                carry += UInt32(reversedDigits[index]) << 8
                reversedDigits[index] = UInt8(carry % 58)
                carry /= 58
            }
            while carry > 0 {
                reversedDigits.append(UInt8(carry % 58))
                carry /= 58
            }
        }
        let text = [UInt8](repeating: oneDigit, count: zeroCount) + reversedDigits.reversed().map { alphabet[Int($0)] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decodeAny(_ source: UnsafeRawBufferPointer) -> [UInt8]? {
        let oneCount = source.prefix { $0 == oneDigit }.count
        var reversedBytes: [UInt8] = []
        for character in source.dropFirst(oneCount) {
            let digit = digits[Int(character)]
            guard digit >= 0 else { return nil }
            var carry = UInt32(digit)
            for index in reversedBytes.indices {
                carry += UInt32(reversedBytes[index]) * 58
                reversedBytes[index] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
            if carry > 0 { reversedBytes.append(UInt8(carry)) }
        }
        return [UInt8](repeating: 0, count: oneCount) + reversedBytes.reversed()
    }
}
