/// One place that breaks one of the project's rules.
struct Finding: Equatable, CustomStringConvertible {
    /// Path from the project's root.
    let path: String
    /// Counted from 1; 0 where the whole file, or the package, is meant.
    let line: Int
    /// What is wrong, and what the rule is, in one line.
    let message: String

    var description: String { line > 0 ? "\(path):\(line): \(message)" : "\(path): \(message)" }
}

extension [Finding] {
    /// All findings, one a line, for a failing test to show.
    var report: String { "\(count) findings\n" + map(\.description).joined(separator: "\n") }
}
