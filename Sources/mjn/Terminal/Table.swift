/// A table for people: aligned columns, a header, and columns that give way on a narrow screen.
struct Table {
    /// One column.
    struct Column {
        let title: String
        /// Numbers stand to the right.
        var isRight = false
        /// May be cut in its middle where the screen is too narrow.
        var isElastic = false
    }

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row with one text per column.
    mutating func add(_ row: [String]) {
        precondition(row.count == columns.count, "a row has a text for each column")
        rows.append(row)
    }

    /// Two spaces part the columns.
    private static let gap = "  "
    /// An elastic column keeps this many characters.
    private static let elasticMin = 12

    /// The lines, without line ends.
    /// - Parameters:
    ///   - width: characters per line at most, as far as elastic columns can give way; nil: no bound.
    ///   - indent: spaces before each line, counted into the width.
    ///   - paint: colours one padded cell; it gets the row's number and the column's.
    func lines(
        width: Int? = nil, indent: Int = 0, style: Style = .plain,
        paint: (_ row: Int, _ column: Int, _ text: String) -> String = { _, _, text in text }
    ) -> [String] {
        let widths = fitted(to: width.map { $0 - indent })
        let margin = String(repeating: " ", count: indent)
        let header = columns.indices.map { cell(columns[$0].title, $0, widths) }.joined(separator: Self.gap)
        var lines = [margin + style.dim(trimmed(header))]
        for (number, row) in rows.enumerated() {
            let cells = columns.indices.map { paint(number, $0, cell(row[$0], $0, widths)) }
            lines.append(margin + trimmed(cells.joined(separator: Self.gap)))
        }
        return lines
    }

    private func cell(_ text: String, _ column: Int, _ widths: [Int]) -> String {
        let text = Self.shortened(text, to: widths[column])
        let padding = String(repeating: " ", count: max(0, widths[column] - text.count))
        return columns[column].isRight ? padding + text : text + padding
    }

    private func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }

    private func fitted(to width: Int?) -> [Int] {
        var widths = columns.indices.map { column in
            rows.reduce(columns[column].title.count) { max($0, $1[column].count) }
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + Self.gap.count * (columns.count - 1) - width
        while excess > 0 {
            let elastic = columns.indices.filter { columns[$0].isElastic && widths[$0] > Self.elasticMin }
            guard let widest = elastic.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    /// The text with its middle left out, so that both ends can be told: `did:imajin:5Qn…x3Kp`.
    static func shortened(_ text: String, to width: Int) -> String {
        guard text.count > width, width >= 3 else { return text }
        let tail = (width - 1) / 3
        return String(text.prefix(width - 1 - tail)) + "…" + String(text.suffix(tail))
    }
}
