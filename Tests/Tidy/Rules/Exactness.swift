/// No floating point on a money path: amounts are integers of minor units, weights are exact ratios.
enum Exactness {
    static let folders = [
        "Sources/Kernel", "Sources/Cryptography", "Sources/ProofChain", "Sources/Settlement", "Sources/LedgerStore",
        "Sources/Pay", "adapters", "webhooks",
    ]

    static let types: Set = ["Double", "Float", "Float16", "Float32", "Float64", "Float80", "CGFloat", "TimeInterval"]

    /// Files that may, each with its reason.
    static let exceptions: [String: String] = [
        "Sources/Cryptography/JSON/ECMAScriptNumber.swift":
            "RFC 8785 defines a number's text by the nearest double; the value itself is never computed with",
        "Sources/Cryptography/JSON/DecimalNumber.swift":
            "asks whether a number has a nearest double at all, and keeps the decimal text",
    ]

    static func check(_ files: [TextFile]) -> [Finding] {
        files.filter { $0.isSwift && $0.isUnder(folders) && exceptions[$0.path] == nil }.flatMap { file -> [Finding] in
            let words = SwiftText(file).words
            // Seconds are no money: the lines that name them may hold fractions.
            let durations = Set(words.filter { $0.text.lowercased().hasSuffix("seconds") }.map(\.line))
            return words.filter { !durations.contains($0.line) }.compactMap { word in
                if types.contains(word.text) {
                    let message = "\(word.text) on a money path: use minor units, exact ratios, whole milliseconds"
                    return Finding(path: file.path, line: word.line, message: message)
                }
                guard word.text.first?.isNumber == true, word.text.contains(".") else { return nil }
                let message = "\(word.text) is a floating-point literal on a money path"
                return Finding(path: file.path, line: word.line, message: message)
            }
        }
    }
}
