/// Sizes: a file is read in one go, a function is seen at once, a line fits beside another.
enum Shape {
    static let fileLinesMax = 500
    static let functionLinesMax = 70
    static let lineLengthMax = 120

    /// Tables of data, which no one reads from top to bottom. Each with its reason.
    static let tables: [String: String] = [:]

    static func check(_ files: [TextFile]) -> [Finding] {
        files.filter(\.isSwift).flatMap { file -> [Finding] in
            let lines = file.lines
            var findings: [Finding] = []
            for (index, line) in lines.enumerated() where line.count > lineLengthMax {
                let length = String(decoding: line, as: UTF8.self).count
                guard length > lineLengthMax else { continue }
                let message = "a line of \(length) characters, of at most \(lineLengthMax)"
                findings.append(Finding(path: file.path, line: index + 1, message: message))
            }
            if tables[file.path] != nil { return findings }
            if lines.count > fileLinesMax {
                let message = "a file of \(lines.count) lines, of at most \(fileLinesMax): split it by concern"
                findings.append(Finding(path: file.path, line: 0, message: message))
            }
            for function in SwiftText(file).functions where function.lineCount > functionLinesMax {
                let message = "a function of \(function.lineCount) lines, of at most \(functionLinesMax)"
                findings.append(Finding(path: file.path, line: function.line, message: message))
            }
            return findings
        }
    }
}
