import Cryptography

/// A strict reader of structured fields (RFC 8941, section 4.2), as far as signatures need them.
struct StructuredFieldParser {
    /// Why a field cannot be read.
    struct Failure: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    /// A bare item.
    enum Item {
        case integer(Int64)
        case decimal
        case string(String)
        case token(String)
        case bytes([UInt8])
        case boolean(Bool)
    }

    let bytes: [UInt8]
    private(set) var index = 0

    init(_ value: String) { bytes = Array(value.utf8) }

    var isAtEnd: Bool { index == bytes.count }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Moves past `byte` if it is next.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        index += 1
        return true
    }

    mutating func skipSpaces() {
        while current == 0x20 { index += 1 }
    }

    mutating func skipOptionalWhitespace() {
        while current == 0x20 || current == 0x09 { index += 1 }
    }

    /// A key of a dictionary or of parameters.
    mutating func key() throws(Failure) -> ArraySlice<UInt8> {
        let start = index
        guard let first = current, Self.isLower(first) || first == UInt8(ascii: "*") else {
            throw Failure("a key is expected at \(index)")
        }
        while let byte = current, Self.isKeyByte(byte) { index += 1 }
        return bytes[start..<index]
    }

    /// The bytes between the quotes of a string, escapes and all.
    mutating func rawString() throws(Failure) -> (range: Range<Int>, hasEscapes: Bool) {
        guard skip(0x22) else { throw Failure("a string is expected at \(index)") }
        let start = index
        var hasEscapes = false
        while let byte = current {
            index += 1
            if byte == 0x22 { return (start..<(index - 1), hasEscapes) }
            guard (0x20...0x7E).contains(byte) else { break }
            if byte == UInt8(ascii: "\\") {
                guard let next = current, next == 0x22 || next == UInt8(ascii: "\\") else { break }
                hasEscapes = true
                index += 1
            }
        }
        throw Failure("the string at \(start) is not well-formed")
    }

    private mutating func string() throws(Failure) -> String {
        let (range, hasEscapes) = try rawString()
        guard hasEscapes else { return String(decoding: bytes[range], as: UTF8.self) }
        var text: [UInt8] = []
        var position = range.lowerBound
        while position < range.upperBound {
            if bytes[position] == UInt8(ascii: "\\") { position += 1 }
            text.append(bytes[position])
            position += 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Any bare item.
    mutating func item() throws(Failure) -> Item {
        guard let byte = current else { throw Failure("an item is expected at the end") }
        switch byte {
        case 0x22: return .string(try string())
        case UInt8(ascii: ":"): return .bytes(try byteSequence())
        case UInt8(ascii: "?"): return .boolean(try boolean())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: return .token(try token())
        }
    }

    private mutating func byteSequence() throws(Failure) -> [UInt8] {
        index += 1
        let start = index
        while let byte = current, byte != UInt8(ascii: ":") { index += 1 }
        guard current != nil else { throw Failure("the byte sequence at \(start) does not end") }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        index += 1
        guard let decoded = Base64.decode(text) else { throw Failure("the byte sequence at \(start) is not base64") }
        return decoded
    }

    private mutating func boolean() throws(Failure) -> Bool {
        index += 1
        if skip(UInt8(ascii: "1")) { return true }
        if skip(UInt8(ascii: "0")) { return false }
        throw Failure("the boolean at \(index) is neither ?0 nor ?1")
    }

    private mutating func number() throws(Failure) -> Item {
        let isNegative = skip(UInt8(ascii: "-"))
        let start = index
        var value: Int64 = 0
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            index += 1
            // RFC 8941 allows 15 digits, so the sum above cannot overflow.
            guard index - start <= 15 else { throw Failure("the number at \(start) is too long") }
        }
        guard index > start else { throw Failure("a number is expected at \(start)") }
        guard skip(UInt8(ascii: ".")) else { return .integer(isNegative ? -value : value) }
        let digits = index - start - 1
        let fraction = index
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        guard digits <= 12, (1...3).contains(index - fraction) else {
            throw Failure("the number at \(start) is too long")
        }
        return .decimal
    }

    private mutating func token() throws(Failure) -> String {
        let start = index
        guard let first = current, Self.isLower(first | 0x20) || first == UInt8(ascii: "*") else {
            throw Failure("an item is expected at \(index)")
        }
        while let byte = current, Self.isTokenByte(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isLower(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        isLower(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "*")
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isLower(byte | 0x20) || isDigit(byte) || "!#$%&'*+-.^_`|~:/".utf8.contains(byte)
    }
}

extension StructuredFieldParser {
    /// Moves past parameters, giving each to `take`.
    mutating func parameters(
        _ take: (ArraySlice<UInt8>, Item) throws(Failure) -> Void
    ) throws(Failure) {
        while skip(UInt8(ascii: ";")) {
            skipSpaces()
            let name = try key()
            try take(name, skip(UInt8(ascii: "=")) ? try item() : .boolean(true))
        }
    }

    /// Moves past a member's value, of whatever kind.
    mutating func skipValue() throws(Failure) {
        if skip(UInt8(ascii: "=")) {
            if skip(UInt8(ascii: "(")) {
                skipSpaces()
                while !skip(UInt8(ascii: ")")) {
                    _ = try item()
                    try parameters { (_, _) throws(Failure) in }
                    guard current == 0x20 || current == UInt8(ascii: ")") else {
                        throw Failure("an inner list is not well-formed at \(index)")
                    }
                    skipSpaces()
                }
            } else {
                _ = try item()
            }
        }
        try parameters { (_, _) throws(Failure) in }
    }

    /// Moves past the comma between members; false at the end.
    mutating func nextMember() throws(Failure) -> Bool {
        skipOptionalWhitespace()
        if isAtEnd { return false }
        guard skip(UInt8(ascii: ",")) else { throw Failure("a comma is expected at \(index)") }
        skipOptionalWhitespace()
        guard !isAtEnd else { throw Failure("a member is expected at the end") }
        return true
    }
}
