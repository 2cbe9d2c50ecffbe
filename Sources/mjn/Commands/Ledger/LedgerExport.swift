import ArgumentParser
import Cryptography
import Kernel
import LedgerStore

/// `mjn ledger export`.
struct LedgerExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "The whole book for other programs: hledger, Beancount, spreadsheets, scripts.",
        discussion: """
            hledger and Beancount report the same balances as `mjn ledger balances`, debits positive. Holds have moved \
            nothing: there they stand in comments, in CSV and JSON lines among the postings.

            Example: mjn ledger export --format hledger > book.journal && hledger -f book.journal balance
            Example: mjn ledger export --format beancount > book.beancount && bean-check book.beancount
            """)

    /// What it is written for.
    enum Format: String, ExpressibleByArgument, CaseIterable { case hledger, beancount, csv, jsonl }

    @OptionGroup var node: NodeOptions
    @OptionGroup var moment: MomentOptions

    @Option(help: "Only entries that post to an account of this DID.")
    var did: DID?

    @Option(help: "hledger, beancount, csv or jsonl.")
    var format: Format

    /// Text is handed to the system in pieces of this many bytes.
    private static let pieceBytes = 64 << 10

    func run() async throws {
        let pages = EntryPages(moment: moment, did: did)
        let format = format
        try await withLedger(node, isReadOnly: true) { session in
            switch format {
            case .hledger: try await export(HledgerFormat(), pages, session)
            case .beancount: try await export(BeancountFormat(), pages, session)
            case .csv: try await export(EntryRow.postingColumns, pages, session, .csv)
            case .jsonl: try await export(EntryRow.entryColumns, pages, session, .jsonl)
            }
        }
    }

    private func export(_ format: some JournalFormat, _ pages: EntryPages, _ session: LedgerSession) async throws {
        var format = format
        var text = format.head(book: session.store.book.name, node: session.nodeDID.string)
        try await pages.forEach(session.store) { entry in
            text += format.entry(entry)
            guard text.utf8.count >= Self.pieceBytes else { return }
            try StandardOutput.write(text)
            text = ""
        }
        try StandardOutput.write(text)
    }

    private func export(
        _ columns: [Listing.Column], _ pages: EntryPages, _ session: LedgerSession, _ format: ListFormat
    ) async throws {
        var listing = Listing(columns, format: format)
        try await pages.forEach(session.store) { entry in
            if format == .jsonl {
                try listing.add(EntryRow.entry(entry))
            } else {
                for line in entry.lines { try listing.add(EntryRow.posting(entry, line)) }
            }
        }
        try listing.finish()
    }
}
