extension JSONParser {
    mutating func scanLiteral(_ word: StaticString, _ kind: JSONKind) throws(JSONError) {
        let length = word.utf8CodeUnitCount
        guard position &+ length <= count else { throw error(.endUnexpected) }
        guard equalBytes(base + position, word.utf8Start, count: length) else { throw error(.characterUnexpected) }
        append(kind, position, position &+ length)
        position &+= length
    }

    /// Moves past a number of the grammar in RFC 8259 section 6 that a finite double is near to.
    mutating func scanNumber() throws(JSONError) {
        let start = position
        if base[position] == 0x2d { position &+= 1 }
        let digitsStart = position
        skipDigits()
        let digitCount = position &- digitsStart
        guard digitCount > 0, digitCount == 1 || base[digitsStart] != 0x30 else { throw error(.numberInvalid) }
        var needsRangeCheck = digitCount > 300
        if position < count, base[position] == 0x2e {
            position &+= 1
            let fractionStart = position
            skipDigits()
            guard position > fractionStart else { throw error(.numberInvalid) }
        }
        if position < count, base[position] | 0x20 == 0x65 {
            needsRangeCheck = true
            position &+= 1
            if position < count, base[position] == 0x2b || base[position] == 0x2d { position &+= 1 }
            let exponentStart = position
            skipDigits()
            guard position > exponentStart else { throw error(.numberInvalid) }
        }
        guard position &- start <= JSONLimits.numberBytesMax else { throw error(.numberInvalid) }
        if needsRangeCheck {
            let text = UnsafeBufferPointer(start: base + start, count: position &- start)
            guard DecimalNumber(scanned: text).isFiniteAsDouble(text) else {
                position = start
                throw error(.numberOutOfRange)
            }
        }
    }

    @inline(__always)
    private mutating func skipDigits() {
        while position < count, base[position] &- 0x30 < 10 { position &+= 1 }
    }

    /// Moves past a string's characters and its closing quotation mark; true when there are escapes.
    mutating func scanString() throws(JSONError) -> Bool {
        var isEscaped = false
        while true {
            skipPlain()
            guard position < count else { throw error(.endUnexpected) }
            let character = base[position]
            if character == 0x22 {
                position &+= 1
                return isEscaped
            }
            if character == 0x5c {
                isEscaped = true
                try scanEscape()
            } else if character < 0x20 {
                throw error(.controlCharacter)
            } else {
                let length = UTF8Sequence.length(base + position, count: count &- position)
                guard length > 0 else { throw error(.utf8Invalid) }
                position &+= length
            }
        }
    }

    /// Moves past ASCII that needs no attention, eight bytes at a time while there are eight.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highBits: UInt64 = 0x8080_8080_8080_8080
        while position &+ 8 <= count {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(base).loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5c)
            // The lowest marked byte is always a true one: borrows run upwards from a marked byte only.
            let marks =
                (word | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word)
                & highBits
            if marks != 0 {
                position &+= marks.trailingZeroBitCount >> 3
                return
            }
            position &+= 8
        }
        while position < count {
            let character = base[position]
            if character == 0x22 || character == 0x5c || character < 0x20 || character >= 0x80 { return }
            position &+= 1
        }
    }

    private mutating func scanEscape() throws(JSONError) {
        guard position &+ 1 < count else { throw error(.endUnexpected) }
        switch base[position &+ 1] {
        case 0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74:
            position &+= 2
        case 0x75:
            let unit = try scanUnit(at: position)
            if unit & 0xf800 == 0xd800 {
                guard unit < 0xdc00, position &+ 7 < count, base[position &+ 6] == 0x5c,
                    base[position &+ 7] == 0x75
                else { throw error(.surrogateUnpaired) }
                guard try scanUnit(at: position &+ 6) & 0xfc00 == 0xdc00 else { throw error(.surrogateUnpaired) }
                position &+= 6
            }
            position &+= 6
        default:
            throw error(.escapeInvalid)
        }
    }

    /// The UTF-16 unit of the `\u` escape at an offset.
    private func scanUnit(at offset: Int) throws(JSONError) -> UInt32 {
        guard offset &+ 6 <= count else { throw error(.endUnexpected) }
        guard let unit = JSONText.unit(base + offset + 2) else { throw error(.escapeInvalid) }
        return unit
    }
}
