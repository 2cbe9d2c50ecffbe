/// A Swift file taken apart: code here, the text of string literals there, comments gone.
///
/// `code` has the length and the lines of the file; comments and literals are blanks in it, code inside an
/// interpolation is code. Bare regex literals (`/…/`) are not recognised.
struct SwiftText {
    struct Literal: Equatable {
        /// The line on which it opens.
        let line: Int
        /// Its text as written; an interpolation is `\()`.
        let text: String
        let isInterpolated: Bool
    }

    private(set) var code: [UInt8]
    private(set) var literals: [Literal] = []
    private let source: [UInt8]
    private var position = 0
    private var line = 1

    init(_ source: [UInt8]) {
        self.source = source
        self.code = source
        scanCode(inInterpolation: false)
    }

    init(_ file: TextFile) { self.init(file.bytes) }

    private func byte(_ ahead: Int = 0) -> UInt8 {
        position + ahead < source.count ? source[position + ahead] : 0
    }

    private mutating func keep() {
        if byte() == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where position < source.count {
            if source[position] == UInt8(ascii: "\n") {
                line += 1
            } else {
                code[position] = UInt8(ascii: " ")
            }
            position += 1
        }
    }

    private mutating func scanCode(inInterpolation: Bool) {
        var depth = 0
        while position < source.count {
            switch byte() {
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
                while position < source.count, byte() != UInt8(ascii: "\n") { blank() }
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
                skipBlockComment()
            case UInt8(ascii: "\""):
                scanLiteral(hashes: 0)
            case UInt8(ascii: "#"):
                scanHash()
            case UInt8(ascii: "(") where inInterpolation:
                depth += 1
                keep()
            case UInt8(ascii: ")") where inInterpolation:
                if depth == 0 {
                    blank()
                    return
                }
                depth -= 1
                keep()
            default:
                keep()
            }
        }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                depth += 1
                blank(2)
            } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && position < source.count
    }

    /// A `#` opens a raw string, an extended regex, or is code (`#if`, `#expect`).
    private mutating func scanHash() {
        var hashes = 0
        while byte(hashes) == UInt8(ascii: "#") { hashes += 1 }
        switch byte(hashes) {
        case UInt8(ascii: "\""):
            blank(hashes)
            scanLiteral(hashes: hashes)
        case UInt8(ascii: "/"):
            blank(hashes + 1)
            while position < source.count, !(byte() == UInt8(ascii: "/") && byte(1) == UInt8(ascii: "#")) { blank() }
            blank(hashes + 1)
        default:
            for _ in 0..<hashes { keep() }
        }
    }

    private func closes(quotes: Int, hashes: Int) -> Bool {
        for index in 0..<quotes where byte(index) != UInt8(ascii: "\"") { return false }
        for index in 0..<hashes where byte(quotes + index) != UInt8(ascii: "#") { return false }
        return true
    }

    private mutating func scanLiteral(hashes: Int) {
        let opened = line
        let isLong = byte(1) == UInt8(ascii: "\"") && byte(2) == UInt8(ascii: "\"")
        let quotes = isLong ? 3 : 1
        blank(quotes)
        var text: [UInt8] = []
        var isInterpolated = false
        while position < source.count, !closes(quotes: quotes, hashes: hashes) {
            if !isLong, byte() == UInt8(ascii: "\n") { break }
            guard byte() == UInt8(ascii: "\\"), (0..<hashes).allSatisfy({ byte(1 + $0) == UInt8(ascii: "#") }) else {
                text.append(byte())
                blank()
                continue
            }
            if byte(1 + hashes) == UInt8(ascii: "(") {
                isInterpolated = true
                text += Array("\\()".utf8)
                blank(2 + hashes)
                scanCode(inInterpolation: true)
            } else {
                text += [byte(), byte(1 + hashes)]
                blank(2 + hashes)
            }
        }
        blank(quotes + hashes)
        let literal = Literal(line: opened, text: String(decoding: text, as: UTF8.self), isInterpolated: isInterpolated)
        literals.append(literal)
    }
}
