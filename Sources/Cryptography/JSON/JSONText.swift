/// The characters of JSON strings: reading escapes, and writing the fewest that RFC 8785 section 3.2.2.2 asks for.
enum JSONText {
    /// The UTF-16 unit that four hexadecimal digits stand for.
    static func unit(_ digits: UnsafePointer<UInt8>) -> UInt32? {
        var unit: UInt32 = 0
        for index in 0..<4 {
            guard let digit = Hex.value(digits[index]) else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// The UTF-8 bytes of a string's text with its escapes resolved. The text must have passed the parser.
    static func unescaped(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        guard let base = text.baseAddress else { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            guard text[index] == 0x5c else {
                bytes.append(text[index])
                index += 1
                continue
            }
            let letter = text[index + 1]
            guard letter == 0x75 else {
                bytes.append(character(ofEscape: letter))
                index += 2
                continue
            }
            var scalar = unit(base + index + 2) ?? 0xfffd
            index += 6
            if scalar & 0xfc00 == 0xd800 {
                let low = unit(base + index + 2) ?? 0xdc00
                scalar = 0x10000 + (scalar & 0x3ff) << 10 + low & 0x3ff
                index += 6
            }
            appendUTF8(scalar, to: &bytes)
        }
        return bytes
    }

    private static func character(ofEscape letter: UInt8) -> UInt8 {
        switch letter {
        case 0x62: 0x08
        case 0x66: 0x0c
        case 0x6e: 0x0a
        case 0x72: 0x0d
        case 0x74: 0x09
        default: letter
        }
    }

    private static func appendUTF8(_ scalar: UInt32, to bytes: inout [UInt8]) {
        switch scalar {
        case 0..<0x80:
            bytes.append(UInt8(scalar))
        case 0x80..<0x800:
            bytes.append(UInt8(0xc0 | scalar >> 6))
            bytes.append(UInt8(0x80 | scalar & 0x3f))
        case 0x800..<0x10000:
            bytes.append(UInt8(0xe0 | scalar >> 12))
            bytes.append(UInt8(0x80 | scalar >> 6 & 0x3f))
            bytes.append(UInt8(0x80 | scalar & 0x3f))
        default:
            bytes.append(UInt8(0xf0 | scalar >> 18 & 7))
            bytes.append(UInt8(0x80 | scalar >> 12 & 0x3f))
            bytes.append(UInt8(0x80 | scalar >> 6 & 0x3f))
            bytes.append(UInt8(0x80 | scalar & 0x3f))
        }
    }

    /// Appends a string with its quotation marks, escaping only what must be.
    static func appendQuoted(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        output.append(0x22)
        var plainStart = 0
        var index = 0
        while index < text.count {
            let character = text[index]
            if character >= 0x20, character != 0x22, character != 0x5c {
                index &+= 1
                continue
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: text[plainStart..<index]))
            appendEscape(character, to: &output)
            index &+= 1
            plainStart = index
        }
        if plainStart < index {
            output.append(contentsOf: UnsafeBufferPointer(rebasing: text[plainStart..<index]))
        }
        output.append(0x22)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func appendEscape(_ character: UInt8, to output: inout [UInt8]) {
        output.append(0x5c)
        switch character {
        case 0x08: output.append(0x62)
        case 0x09: output.append(0x74)
        case 0x0a: output.append(0x6e)
        case 0x0c: output.append(0x66)
        case 0x0d: output.append(0x72)
        case 0x22, 0x5c: output.append(character)
        default:
            output.append(contentsOf: [0x75, 0x30, 0x30])
            output.append(hexDigits[Int(character >> 4)])
            output.append(hexDigits[Int(character & 15)])
        }
    }
}

/// Well-formed UTF-8 (Unicode, table 3-7).
enum UTF8Sequence {
    /// The length of the well-formed sequence of more than one byte at `bytes`; 0 when it is not one.
    static func length(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
        let first = bytes[0]
        switch first {
        case 0xc2...0xdf:
            return count >= 2 && isContinuation(bytes[1]) ? 2 : 0
        case 0xe0...0xef:
            guard count >= 3, isContinuation(bytes[1]), isContinuation(bytes[2]) else { return 0 }
            // E0 below A0 is overlong, ED above 9F is a surrogate.
            if first == 0xe0, bytes[1] < 0xa0 { return 0 }
            if first == 0xed, bytes[1] > 0x9f { return 0 }
            return 3
        case 0xf0...0xf4:
            guard count >= 4, isContinuation(bytes[1]), isContinuation(bytes[2]), isContinuation(bytes[3])
            else { return 0 }
            // F0 below 90 is overlong, F4 above 8F is past U+10FFFF.
            if first == 0xf0, bytes[1] < 0x90 { return 0 }
            if first == 0xf4, bytes[1] > 0x8f { return 0 }
            return 4
        default:
            return 0
        }
    }

    @inline(__always)
    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }

    /// Whether all of `text` is well-formed UTF-8.
    static func isValid(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = text.baseAddress else { return true }
        var index = 0
        while index < text.count {
            if text[index] < 0x80 {
                index &+= 1
                continue
            }
            let length = length(base + index, count: text.count - index)
            guard length > 0 else { return false }
            index += length
        }
        return true
    }
}
