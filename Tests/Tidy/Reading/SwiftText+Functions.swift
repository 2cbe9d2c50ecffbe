extension SwiftText {
    /// A function, initialiser or deinitialiser with a body.
    struct Function: Equatable {
        let line: Int
        /// From the line of its keyword to that of its closing brace, both included.
        let lineCount: Int
    }

    /// Every function with a body, the ones inside others too.
    var functions: [Function] {
        var functions: [Function] = []
        var line = 1
        var index = 0
        while index < code.count {
            let byte = code[index]
            guard Self.isWordByte(byte) else {
                if byte == UInt8(ascii: "\n") { line += 1 }
                index += 1
                continue
            }
            let start = index
            while index < code.count, Self.isWordByte(code[index]) { index += 1 }
            guard opensFunction(start: start, end: index), let opening = bodyOpening(from: index) else { continue }
            let newlines = code[start..<closingBrace(from: opening)].count { $0 == UInt8(ascii: "\n") }
            functions.append(Function(line: line, lineCount: newlines + 1))
        }
        return functions
    }

    private func opensFunction(start: Int, end: Int) -> Bool {
        let previous = start > 0 ? code[start - 1] : 0
        // `.init(…)` and `self.init(…)` are calls.
        if previous == UInt8(ascii: ".") || previous == UInt8(ascii: "`") { return false }
        switch String(decoding: code[start..<end], as: UTF8.self) {
        case "func": return true
        case "init": return end < code.count && Array("(<?!".utf8).contains(code[end])
        case "deinit": return true
        default: return false
        }
    }

    /// The brace that opens the body of the function whose keyword ends at `start`; nil for a requirement without one.
    private func bodyOpening(from start: Int) -> Int? {
        var depth = 0
        var seenParameters = false
        var index = start
        while index < code.count {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { seenParameters = true }
                if depth < 0 { return nil }
            case UInt8(ascii: "{") where depth == 0:
                return index
            case UInt8(ascii: "}") where depth == 0, UInt8(ascii: ";") where depth == 0:
                return nil
            case UInt8(ascii: "\n") where depth == 0 && seenParameters:
                if !continuesSignature(from: index) { return nil }
            default:
                break
            }
            index += 1
        }
        return nil
    }

    /// Whether what follows the line break at `start` still belongs to the signature.
    private func continuesSignature(from start: Int) -> Bool {
        var index = start
        while index < code.count, Self.isBlank(code[index]) { index += 1 }
        let following = String(decoding: code[index..<min(index + 10, code.count)], as: UTF8.self)
        let continuations = ["{", "->", "where ", "async", "throws", "rethrows", "&", "|", ",", "("]
        return continuations.contains { following.hasPrefix($0) }
    }

    private func closingBrace(from opening: Int) -> Int {
        var depth = 0
        for index in opening..<code.count {
            if code[index] == UInt8(ascii: "{") { depth += 1 }
            if code[index] == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return code.count
    }
}
