import ArgumentParser
import Cryptography
import Kernel

/// What reaching somebody costs.
struct GasCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gas",
        abstract: "What it costs to reach somebody.",
        discussion: "Example: mjn gas quote --tier 2 --sent 1",
        subcommands: [GasQuote.self])
}

/// `mjn gas quote`.
struct GasQuote: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote",
        abstract: "The price of the next message, and of those after it.",
        discussion: """
            The factor grows with the messages that the sender's businesses sent the same recipient in the last 30 \
            days. The base per tier is the node's (MJN_GAS_BASES).

            Example: mjn gas quote --tier 2 --sent 1
            """)

    /// How a quote is written.
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, csv }

    @Option(help: "1 trust graph, 2 declared interest, 3 extended reach.")
    var tier: Int

    @Option(help: "Messages already sent to the same recipient in the last 30 days.")
    var sent = 0

    @Option(help: "table, json or csv; by default a table on a terminal, else json.")
    var format: Format?

    func validate() throws {
        guard (1...Gas.basesMinor.count).contains(tier) else { throw ValidationError("--tier is 1, 2 or 3") }
        guard sent >= 0 else { throw ValidationError("--sent is 0 or more") }
    }

    func run() throws {
        let bases = try NodeSettings().gasBasesMinor
        let next: GasPrice
        let curve: [GasPrice]
        do throws(GasError) {
            next = try Gas.charge(tier: tier, bases: bases, alreadySent: sent)
            curve = try Gas.curve(tier: tier, bases: bases)
        } catch {
            throw CLIFailure("\(error.code): the price cannot be computed", fix: "check MJN_GAS_BASES")
        }
        switch format ?? (Terminal.isOutput ? .table : .json) {
        case .json: try writeJSON(next, curve)
        case .csv:
            try StandardOutput.line(CSV.row(["message_number", "multiplier", "amount", "currency"]))
            for price in curve {
                let fields = ["\(price.messageNumber)", price.multiplierText, "\(price.amountMinor)", Self.currency]
                try StandardOutput.line(CSV.row(fields))
            }
        case .table: try draw(next, curve)
        }
    }

    private static let currency = Currency.mjn.code
    private static let barColumns: Int64 = 40

    private func draw(_ next: GasPrice, _ curve: [GasPrice]) throws {
        let style = Style.output
        let price = Decimal.text(next.amountMinor, currency: Self.currency)
        try StandardOutput.line(
            style.bold("Message \(next.messageNumber) of tier \(tier) costs \(price)") + " (\(next.multiplierText)×)")
        let most = curve.last?.amountMinor ?? 0
        for (index, point) in curve.enumerated() {
            let isLast = index == curve.count - 1
            let isNext = isLast ? next.messageNumber >= point.messageNumber : next.messageNumber == point.messageNumber
            let length = most > 0 ? max(1, Int(Int128(point.amountMinor) * Int128(Self.barColumns) / Int128(most))) : 0
            let bar = String(repeating: "█", count: length)
            let name = "\(point.messageNumber)\(isLast ? "+" : " ")"
            let amount = Decimal.text(point.amountMinor, currency: Self.currency)
            let padded = String(repeating: " ", count: max(0, 16 - amount.count)) + amount
            let factor = String(repeating: " ", count: max(0, 5 - point.multiplierText.count)) + point.multiplierText
            let line = "\(isNext ? "▸" : " ") \(name) \(factor)× \(padded)  \(bar)"
            try StandardOutput.line(isNext ? style.cyan(line) : line)
        }
    }

    private func writeJSON(_ next: GasPrice, _ curve: [GasPrice]) throws {
        var json = JSONWriter()
        json.beginObject()
        json.field("tier", tier)
        json.field("sent", sent)
        write(next, to: &json)
        json.field("currency", Self.currency)
        json.array("curve") { json in
            for price in curve {
                json.beginObject()
                write(price, to: &json)
                json.endObject()
            }
        }
        json.endObject()
        try StandardOutput.write(json.bytes + [UInt8(ascii: "\n")])
    }

    private func write(_ price: GasPrice, to json: inout JSONWriter) {
        json.field("message_number", price.messageNumber)
        json.field("multiplier", price.multiplierText)
        json.field("amount", price.amountMinor)
    }
}
