import ArgumentParser
import Cryptography
import Kernel

/// How rows are written.
enum ListFormat: String, ExpressibleByArgument, CaseIterable {
    /// Aligned columns for people.
    case table
    /// One JSON array.
    case json
    /// RFC 4180 with a header line.
    case csv
    /// One JSON object per line.
    case jsonl
}

/// The `--format` of commands that list rows.
struct FormatOptions: ParsableArguments {
    @Option(help: "table, json, csv or jsonl; by default a table on a terminal, else json.")
    var format: ListFormat?

    /// What was asked for, or what suits where the output goes.
    var chosen: ListFormat { format ?? (Terminal.isOutput ? .table : .json) }
}

/// A cell of a listing.
enum Cell {
    case text(String)
    case int(Int64)
    /// A number that may need more than 64 bits.
    case wide(Int128)
    /// Minor units; people see the decimals of the currency.
    case money(Int128, currency: String)
    case texts([String])
    /// JSON as it is.
    case raw([UInt8])
    case null

    /// For people.
    var shown: String {
        switch self {
        case .money(let minor, let currency): Decimal.text(minor, currency: currency)
        case .null: "-"
        default: plain
        }
    }

    /// For CSV: minor units, nothing rounded or decorated.
    var plain: String {
        switch self {
        case .text(let text): text
        case .int(let value): String(value)
        case .wide(let value), .money(let value, _): String(value)
        case .texts(let texts): texts.joined(separator: " ")
        case .raw(let bytes): String(decoding: bytes, as: UTF8.self)
        case .null: ""
        }
    }

    func write(_ name: String, to json: inout JSONWriter) {
        switch self {
        case .text(let text): json.field(name, text)
        case .int(let value): json.field(name, value)
        case .wide(let value), .money(let value, _): json.field(name, raw: String(value).utf8)
        case .texts(let texts): json.field(name, texts)
        case .raw(let bytes): json.field(name, raw: bytes)
        case .null: json.field(name, String?.none)
        }
    }
}

/// Writes rows in one of the four formats, as they come: only a table has to see all of them first.
struct Listing {
    /// A column: its name for scripts and how people see it.
    struct Column {
        let name: String
        var title: String?
        var isRight = false
        var isElastic = false
        /// Left out of tables, which have less room than scripts.
        var isHidden = false
    }

    let columns: [Column]
    let format: ListFormat
    private var table: Table
    private var count = 0

    init(_ columns: [Column], format: ListFormat) {
        self.columns = columns
        self.format = format
        table = Table(
            columns.filter { !$0.isHidden }.map {
                Table.Column(
                    title: ($0.title ?? $0.name.replacing("_", with: " ")).uppercased(), isRight: $0.isRight,
                    isElastic: $0.isElastic)
            })
    }

    /// Writes a row, or keeps it for the table.
    mutating func add(_ cells: [Cell]) throws {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        switch format {
        case .table: table.add(zip(columns, cells).filter { !$0.0.isHidden }.map { $0.1.shown })
        case .json: try StandardOutput.write((count == 0 ? "[" : ",\n ") + object(cells))
        case .jsonl: try StandardOutput.line(object(cells))
        case .csv:
            if count == 0 { try StandardOutput.line(CSV.row(columns.map(\.name))) }
            try StandardOutput.line(CSV.row(cells.map(\.plain)))
        }
        count += 1
    }

    /// Writes what is left. `empty` is said where a table would have no rows.
    func finish(empty: String = "nothing to show") throws {
        switch format {
        case .table where count == 0: standardError(empty)
        case .table:
            let width = Terminal.isOutput ? Terminal.columns : nil
            for line in table.lines(width: width, style: .output) { try StandardOutput.line(line) }
        case .json: try StandardOutput.line(count == 0 ? "[]" : "]")
        case .csv where count == 0: try StandardOutput.line(CSV.row(columns.map(\.name)))
        case .csv, .jsonl: break
        }
    }

    private func object(_ cells: [Cell]) -> String {
        var json = JSONWriter()
        json.beginObject()
        for (column, cell) in zip(columns, cells) { cell.write(column.name, to: &json) }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

/// Comma-separated values as RFC 4180 has them.
enum CSV {
    /// One record without its line end.
    static func row(_ fields: [String]) -> String {
        fields.map { field in
            let needsQuotes = field.utf8.contains { $0 == 0x2c || $0 == 0x22 || $0 == 0x0a || $0 == 0x0d }
            return needsQuotes ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
        }.joined(separator: ",")
    }
}
