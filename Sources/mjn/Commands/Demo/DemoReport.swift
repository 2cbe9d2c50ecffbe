import Cryptography
import Kernel
import LedgerStore

/// What the demonstration shows: on one screen, or as JSON.
struct DemoReport {
    let cast: DemoCast
    let outcome: DemoPlay.Outcome
    let node: String
    let isPrivate: Bool

    /// Columns that the report is laid out for.
    private static let columns = 100
    private var currency: String { DemoCast.currency.code }
    private var reply: JSONValue? { outcome.reply.json }

    private var milliseconds: String { "\(outcome.milliseconds) ms" }

    private func money(_ minor: Int64) -> String { Decimal.text(minor, currency: currency) }

    /// For people.
    func lines(_ style: Style) -> [String] {
        let width = min(Self.columns, Terminal.isOutput ? Terminal.columns : Self.columns)
        func step(_ number: Int, _ title: String, _ text: String) -> String {
            let padding = String(repeating: " ", count: max(1, 14 - title.count))
            return style.cyan("\(number)") + " " + style.bold(title) + padding + text
        }
        func more(_ text: String) -> String { String(repeating: " ", count: 16) + text }
        let attestations = reply?["attestations"]?.elements.compactMap(\.string) ?? []
        var lines = [
            style.bold("One payment, five contributors, one signed manifest"),
            style.dim("node \(node)\(isPrivate ? ", private to this demonstration" : "")"), "",
            step(1, "Keys", "\(cast.payees.count + 1) Ed25519 keys, made just now; a DID is a public key"),
            step(2, "Manifest", "\(cast.workCID)"),
            more("signed by the artist; its fifth contributor is another manifest:"), more("\(cast.sampleCID)"),
            step(3, "Funds", "\(money(DemoCast.fundedMinor)) for the payer, invented: this is a development node"),
            step(
                4, "Settlement",
                "\(money(DemoCast.amountMinor)), signed by the payer: \(outcome.reply.status) in \(milliseconds)"
            ),
            more(reply?["id"]?.string ?? ""), "",
        ]
        lines += splitLines(width, style) + [""]
        lines.append(
            step(5, "Postings", "entry \(outcome.entry?.seq ?? 0), debits equal credits, hash \(hash.prefix(16))…"))
        lines += postingLines(width, style) + [""]
        lines.append(step(6, "Attested", attestations.first ?? "nothing"))
        lines += attestations.dropFirst().map(more)
        let same = outcome.isReplayEqual ? "the first answer, byte for byte" : style.red("ANOTHER ANSWER")
        lines.append(step(7, "Sent again", "same key, same body: \(same)"))
        lines.append(step(8, "Balances", balanceText(outcome.balances.prefix(4))))
        lines.append(more(balanceText(outcome.balances.dropFirst(4))))
        let proof = BookProof.lines(outcome.proof, style)
        return lines + [""] + proof
    }

    private var hash: String { Hex.encode(outcome.entry?.hash ?? []) }

    private func balanceText(_ balances: ArraySlice<(member: DemoCast.Member, availableMinor: Int64)>) -> String {
        balances.map { "\($0.member.role) \(Decimal.number(Int128($0.availableMinor), currency: currency))" }
            .joined(separator: " · ")
    }

    private func splitLines(_ width: Int, _ style: Style) -> [String] {
        var table = Table([
            .init(title: "WHO"), .init(title: "DID", isElastic: true), .init(title: "WEIGHT", isRight: true),
            .init(title: "AMOUNT", isRight: true), .init(title: "THROUGH", isElastic: true),
        ])
        for fee in reply?["fees"]?.elements.map({ $0 }) ?? [] {
            table.add([
                "\(fee["kind"]?.string ?? "") fee", fee["did"]?.string ?? "", "\(fee["bps"]?.int64 ?? 0) bps",
                money(fee["amount"]?.int64 ?? 0), "",
            ])
        }
        for line in reply?["splits"]?.elements.map({ $0 }) ?? [] {
            let via = line["via"]?.elements.compactMap(\.string).first ?? ""
            table.add([
                line["role"]?.string ?? "", line["did"]?.string ?? "", line["weight"]?.string ?? "",
                money(line["amount"]?.int64 ?? 0), via,
            ])
        }
        table.add(["total", "", "", money(reply?["amount"]?.int64 ?? 0), ""])
        let last = table.rows.count - 1
        return table.lines(width: width, indent: 2, style: style) { row, column, text in
            row == last ? style.bold(text) : column == 3 ? style.green(text) : column == 0 ? text : style.dim(text)
        }
    }

    private func postingLines(_ width: Int, _ style: Style) -> [String] {
        var table = Table([
            .init(title: "ACCOUNT", isElastic: true), .init(title: "OF"), .init(title: "DEBIT", isRight: true),
            .init(title: "CREDIT", isRight: true),
        ])
        var totals = (debits: Int64(0), credits: Int64(0))
        for line in outcome.entry?.moved ?? [] {
            if line.side.isDebit { totals.debits += line.amountMinor } else { totals.credits += line.amountMinor }
            table.add([
                line.account.name, cast.role(of: line.account.owner) ?? "the node",
                line.side.isDebit ? money(line.amountMinor) : "", line.side.isDebit ? "" : money(line.amountMinor),
            ])
        }
        table.add(["total", "", money(totals.debits), money(totals.credits)])
        let last = table.rows.count - 1
        return table.lines(width: width, indent: 2, style: style) { row, column, text in
            row == last ? style.bold(text) : column == 0 ? style.dim(text) : text
        }
    }

    /// For scripts.
    var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("node", node)
        json.field("private", isPrivate)
        json.field("payer", cast.payer.did)
        json.array("contributors") { json in
            for member in cast.payees {
                json.beginObject()
                json.field("role", member.role)
                json.field("did", member.did)
                json.endObject()
            }
        }
        json.field("manifest_cid", cast.workCID)
        json.field("chain", [cast.workCID.string, cast.sampleCID.string])
        json.field("funded", DemoCast.fundedMinor)
        json.field("settlement", raw: outcome.reply.body)
        json.field("milliseconds", outcome.milliseconds)
        json.field("replayed", outcome.isReplayEqual)
        json.array("postings") { json in
            for line in outcome.entry?.lines ?? [] {
                json.beginObject()
                json.field("account", line.account.name)
                json.field("side", EntryRow.sideName(line.side))
                json.field("amount", line.amountMinor)
                json.field("currency", line.account.currency)
                json.endObject()
            }
        }
        json.array("balances") { json in
            for (member, availableMinor) in outcome.balances {
                json.beginObject()
                json.field("role", member.role)
                json.field("did", member.did)
                json.field("currency", currency)
                json.field("available", availableMinor)
                json.endObject()
            }
        }
        json.field("verify", raw: BookProof.json(outcome.proof))
        json.endObject()
        return json.bytes
    }
}
