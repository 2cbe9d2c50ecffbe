extension SwiftText {
    /// An identifier, keyword or number in the code.
    struct Word {
        let text: String
        let line: Int
        /// The last byte before it that is not a blank, 0 at the start; and the first after it, 0 at the end.
        let before: UInt8
        let after: UInt8
    }

    /// Every word of the code in order. Numbers keep their fraction: `0.5` is one word, `pair.0` is two.
    var words: [Word] {
        var words: [Word] = []
        var line = 1
        var before: UInt8 = 0
        var index = 0
        while index < code.count {
            let byte = code[index]
            guard Self.isWordByte(byte) else {
                if byte == UInt8(ascii: "\n") { line += 1 }
                if !Self.isBlank(byte) { before = byte }
                index += 1
                continue
            }
            let end = endOfWord(from: index, isNumber: startsNumber(byte, after: before))
            var next = end
            while next < code.count, Self.isBlank(code[next]) { next += 1 }
            let after = next < code.count ? code[next] : 0
            let text = String(decoding: code[index..<end], as: UTF8.self)
            words.append(Word(text: text, line: line, before: before, after: after))
            before = code[end - 1]
            index = end
        }
        return words
    }

    /// `$0.1` and `pair.0.1` are members of tuples, not numbers with a fraction.
    private func startsNumber(_ byte: UInt8, after before: UInt8) -> Bool {
        Self.isDigit(byte) && before != UInt8(ascii: ".") && before != UInt8(ascii: "$")
    }

    private func endOfWord(from start: Int, isNumber: Bool) -> Int {
        var end = start
        while end < code.count {
            let isFraction =
                isNumber && code[end] == UInt8(ascii: ".") && end + 1 < code.count && Self.isDigit(code[end + 1])
            guard Self.isWordByte(code[end]) || isFraction else { break }
            end += 1
        }
        return end
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }
    static func isWordByte(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z"))
            || isDigit(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    /// The modules that the file imports, with the line of each. `import struct A.B` imports `A`.
    var imports: [(module: String, line: Int)] {
        var imports: [(String, Int)] = []
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor"]
        let words = words
        for (index, word) in words.enumerated() where word.text == "import" {
            var next = index + 1
            if next < words.count, kinds.contains(words[next].text) { next += 1 }
            if next < words.count, words[next].line == word.line { imports.append((words[next].text, word.line)) }
        }
        return imports
    }
}
