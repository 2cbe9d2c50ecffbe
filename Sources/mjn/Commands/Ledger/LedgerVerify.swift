import ArgumentParser
import Cryptography
import Kernel
import LedgerStore
import PostgresClient

/// `mjn ledger verify`.
struct LedgerVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Proves the book from its rows: sums, counters, running balances, hashes, links.",
        discussion: """
            Reads one snapshot beside a running node. Exits 70 when something does not add up, and says what.

            With --signatures, every stored signature is verified too, each in its time: manifests by the keys that \
            their signers had when they were recorded, attestations by the node's key.

            Example: mjn ledger verify --format json
            Example: mjn ledger verify --signatures
            """)

    /// How the report is written.
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @OptionGroup var node: NodeOptions

    @Option(help: "table or json; by default a table on a terminal, else json.")
    var format: Format?

    @Flag(help: "Verify every stored signature in its time as well.")
    var signatures = false

    /// What was verified under a key may take this long into the book, milliseconds: longer than any request.
    private static let inFlightMs: Int64 = 60_000

    func run() async throws {
        let slackMs = signatures ? Int64(try NodeSettings().identityMaxAgeSeconds) * 1000 + Self.inFlightMs : nil
        let report = try await withLedger(node, isReadOnly: true) {
            try await BookProof.run($0, signatureSlackMs: slackMs, showsProgress: true)
        }
        switch format ?? (Terminal.isOutput ? .table : .json) {
        case .json: try StandardOutput.write(BookProof.json(report) + [UInt8(ascii: "\n")])
        case .table: for line in BookProof.lines(report, .output) { try StandardOutput.line(line) }
        }
        guard report.isOK else {
            throw CLIFailure(
                "the book does not add up: \(report.findingsCount) findings",
                fix: "stop the node, keep the database as it is, and compare with the last good backup",
                exitCode: ExitStatus.integrity)
        }
    }
}

/// Runs a verification, and writes its report.
enum BookProof {
    static func run(
        _ session: LedgerSession, signatureSlackMs: Int64? = nil, showsProgress: Bool
    ) async throws -> VerificationReport {
        let verifier = LedgerVerifier(database: session.database, bookID: session.store.book.bookID)
        return try await DedicatedThread.run(name: "verify") {
            var bar = ProgressBar(isShown: showsProgress && Terminal.isError)
            defer { bar.finish() }
            return try verifier.verify(signatureSlackMs: signatureSlackMs) { bar.show($0.phase, $0.done, of: $0.total) }
        }
    }

    static func json(_ report: VerificationReport) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("ok", report.isOK)
        json.field("entries", report.entries)
        json.field("postings", report.postings)
        json.field("settlements", report.settlements)
        json.field("lifecycles", report.lifecycles)
        if let signatures = report.signatures { json.field("signatures", signatures) }
        json.field("head_hash", Hex.encode(report.headHash))
        json.array("findings") { json in
            for finding in report.findings {
                json.beginObject()
                json.field("code", finding.code.rawValue)
                json.field("detail", finding.detail)
                json.endObject()
            }
        }
        json.field("findings_count", report.findingsCount)
        json.endObject()
        return json.bytes
    }

    static func lines(_ report: VerificationReport, _ style: Style) -> [String] {
        let verdict = report.isOK ? style.green("ledger verify: ok") : style.red("ledger verify: FAILED")
        var lines = ["\(verdict)  \(summary(report))", style.dim("head \(Hex.encode(report.headHash))")]
        for finding in report.findings { lines.append(style.red("✗ \(finding.code.rawValue)") + "  \(finding.detail)") }
        let more = report.findingsCount - report.findings.count
        if more > 0 { lines.append("  and \(more) more") }
        return lines
    }

    static func summary(_ report: VerificationReport) -> String {
        let counts = [
            (report.entries, "entry", "entries"), (report.postings, "posting", "postings"),
            (report.settlements, "settlement", "settlements"), (report.lifecycles, "lifecycle", "lifecycles"),
        ]
        let signatures = report.signatures.map { [($0, "signature checked", "signatures checked")] } ?? []
        return (counts + signatures).map { "\($0) \($0 == 1 ? $1 : $2)" }.joined(separator: ", ")
    }
}
