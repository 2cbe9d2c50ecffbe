import Cryptography
import ProofChain

/// A record as it is written.
struct RecordReport {
    let record: Record
    /// Whether each statement is told by its file.
    let areNamed: Bool

    func write(_ format: ResultFormat) throws {
        switch format {
        case .table:
            for item in record.items { try Self.lines(item, .output).forEach { try StandardOutput.line($0) } }
        case .json:
            var json = JSONWriter()
            if areNamed { json.beginArray() }
            for item in record.items { write(item, to: &json) }
            if areNamed { json.endArray() }
            try StandardOutput.write(json.bytes + [UInt8(ascii: "\n")])
        }
    }

    private func write(_ item: Record.Item, to json: inout JSONWriter) {
        json.beginObject()
        if areNamed { json.field("file", item.file) }
        switch item.result {
        case .success(let statement):
            json.field("valid", true)
            json.field("kind", statement.kind.rawValue)
            json.field("cid", statement.cid)
            json.field("issuer", statement.issuer)
            json.field("subject", statement.subject)
            json.field("type", statement.type)
            json.field("issued_at", statement.issuedAt.string)
            json.field("signed_by", statement.signer.name)
            json.field("key", statement.signer.did)
            json.field("key_by_chain", statement.signer.isByChain)
            json.field("bilateral", item.counterparty != nil)
            json.field("counterparty", item.counterparty)
            for (name, value) in statement.details { json.field(name, raw: value) }
            json.field("says", statement.says)
        case .failure(let error):
            json.field("valid", false)
            json.field("code", error.code)
            json.field("reason", error.reason)
        }
        json.endObject()
    }

    private static func lines(_ item: Record.Item, _ style: Style) -> [String] {
        let file = style.bold(InputFile.name(item.file))
        switch item.result {
        case .failure(let error):
            return [
                style.red("✗ invalid") + " " + file, "  code      \(error.code)",
                "  reason    \(Terminal.printable(error.reason))",
            ]
        case .success(let statement):
            var lines = [style.green("✓ valid  ") + " " + file + style.dim("  \(statement.kind.rawValue)")]
            lines += Terminal.wrapped("  says      \(Terminal.printable(statement.says))", indent: 12)
            lines.append("  issuer    \(statement.issuer)")
            if let subject = statement.subject { lines.append("  subject   \(Terminal.printable(subject))") }
            if let type = statement.type { lines.append("  type      \(Terminal.printable(type))") }
            lines.append("  issued    \(statement.issuedAt)")
            let key = statement.signer.did ?? Terminal.printable(statement.signer.name)
            let why =
                statement.signer.isByChain ? "in force then, by its chain" : "the issuer's own: no chain says otherwise"
            lines.append("  key       \(key)  " + style.dim(why))
            lines.append("  cid       \(statement.cid)")
            if let counterparty = item.counterparty {
                lines.append("  bilateral " + style.green("with \(counterparty)"))
            }
            return lines
        }
    }
}
