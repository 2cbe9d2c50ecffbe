/// The project speaks of itself alone: nothing in it names the workshop it was made in, or where packages came from.
enum Vocabulary {
    /// In pieces, so that this file does not hold what it forbids. Compared without regard to case.
    static let forbidden: [String] = [
        ".." + "/shared",
        ".library" + "/",
        "/wo" + "rk/",
        "iss" + "ue #",
        "registry." + "npmjs",
        "pypi" + ".org",
        "deb." + "debian" + ".org",
        "proxy." + "golang" + ".org",
    ]

    static func check(_ files: [TextFile]) -> [Finding] {
        let patterns = forbidden.map { Array($0.utf8) }
        return files.filter(\.isText).flatMap { file -> [Finding] in
            let lowered = file.bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
            return patterns.flatMap { pattern in
                occurrences(of: pattern, in: lowered).map { offset in
                    let line = lowered[..<offset].count { $0 == UInt8(ascii: "\n") } + 1
                    let found = String(decoding: pattern, as: UTF8.self)
                    let message = "holds \"\(found)\": the project speaks of itself alone"
                    return Finding(path: file.path, line: line, message: message)
                }
            }
        }
    }

    private static func occurrences(of pattern: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard bytes.count >= pattern.count, let first = pattern.first else { return [] }
        var found: [Int] = []
        bytes.withUnsafeBufferPointer { bytes in
            for start in 0...(bytes.count - pattern.count) where bytes[start] == first {
                if (1..<pattern.count).allSatisfy({ bytes[start + $0] == pattern[$0] }) { found.append(start) }
            }
        }
        return found
    }
}
