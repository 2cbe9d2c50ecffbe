import Foundation
import TestMaterial

/// A random JSON value that writes itself in two ways: loosely, and canonically by other means than the module's.
indirect enum JSONModel {
    case literal(String)
    case integer(Int)
    case string(String)
    case array([JSONModel])
    case object([(String, JSONModel)])

    private static let characters: [Character] =
        Array("abcXYZ019 _-/\"\\\u{0}\u{1f}\n\t\u{7f}\u{80}\u{e9}\u{20ac}")
        + Array("\u{e000}\u{fb33}\u{ffff}\u{1f600}\u{10ffff}今人")

    static func random(depth: Int, using generator: inout SeededGenerator) -> JSONModel {
        switch generator.below(depth > 0 ? 7 : 4) {
        case 0: return .literal(["null", "true", "false"][generator.below(3)])
        case 1: return .integer(generator.below(2_000_001) - 1_000_000)
        case 2, 3: return .string(text(using: &generator))
        case 4: return .array((0..<generator.below(5)).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            var members: [(String, JSONModel)] = []
            for _ in 0..<generator.below(generator.below(20) == 0 ? 40 : 6) {
                let name = text(using: &generator)
                guard !members.contains(where: { $0.0.utf8.elementsEqual(name.utf8) }) else { continue }
                members.append((name, random(depth: depth - 1, using: &generator)))
            }
            return .object(members)
        }
    }

    private static func text(using generator: inout SeededGenerator) -> String {
        String((0..<generator.below(12)).map { _ in characters[generator.below(characters.count)] })
    }

    /// The value with random white space, member order as it is, and random escapes.
    func text(using generator: inout SeededGenerator) -> String {
        let spaces = [" ", "", "\n", "\t ", "", "", "\r\n"]
        let space = { (generator: inout SeededGenerator) in spaces[generator.below(spaces.count)] }
        var output = space(&generator)
        switch self {
        case .literal(let text): output += text
        case .integer(let value):
            output += ["\(value)", "\(value).0", "\(value)e0", "\(value)0E-1"][generator.below(4)]
        case .string(let text): output += Self.quoted(text, using: &generator)
        case .array(let values):
            output += "[" + values.map { $0.text(using: &generator) }.joined(separator: ",") + "]"
            if values.isEmpty { output = "[" + space(&generator) + "]" }
        case .object(let members):
            let texts = members.map { name, value in
                space(&generator) + Self.quoted(name, using: &generator) + space(&generator) + ":"
                    + value.text(using: &generator)
            }
            output += "{" + texts.joined(separator: ",") + "}"
        }
        return output + space(&generator)
    }

    private static func quoted(_ text: String, using generator: inout SeededGenerator) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if mustEscape || generator.below(6) == 0 {
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    let padded = String(repeating: "0", count: 4 - hex.count) + hex
                    output += "\\u" + (generator.below(2) == 0 ? padded : padded.uppercased())
                }
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }

    /// The canonical form, written from the rules with the standard library's own UTF-16.
    var canonical: String {
        switch self {
        case .literal(let text): return text
        case .integer(let value): return "\(value)"
        case .string(let text): return Self.canonicalString(text)
        case .array(let values): return "[" + values.map(\.canonical).joined(separator: ",") + "]"
        case .object(let members):
            let sorted = members.sorted { $0.0.utf16.lexicographicallyPrecedes($1.0.utf16) }
            return "{" + sorted.map { Self.canonicalString($0.0) + ":" + $0.1.canonical }.joined(separator: ",") + "}"
        }
    }

    private static func canonicalString(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\u{8}": output += "\\b"
            case "\t": output += "\\t"
            case "\n": output += "\\n"
            case "\u{c}": output += "\\f"
            case "\r": output += "\\r"
            case ..<" ": output += String(format: "\\u%04x", scalar.value)
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
