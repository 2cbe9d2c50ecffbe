import ArgumentParser
import Cryptography
import Kernel
import LedgerStore

/// `mjn ledger entries`.
struct LedgerEntries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "entries",
        abstract: "Entries with their postings, in the order of the book.",
        discussion: """
            Tables and CSV have a line per posting, JSON an object per entry.

            Example: mjn ledger entries --after 100 --limit 20
            Example: mjn ledger entries --did did:imajin:… --format jsonl
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var moment: MomentOptions

    @Option(help: "Only entries that post to an account of this DID.")
    var did: DID?

    @Option(help: "Only entries after this one.")
    var after: Int64 = 0

    @Option(help: "At most this many entries; by default all, in a table the first 100.")
    var limit: Int?

    @OptionGroup var output: FormatOptions

    private static let tableLimit = 100

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is 1 or more") }
        if after < 0 { throw ValidationError("--after is an entry's number, 0 or more") }
    }

    func run() async throws {
        let format = output.chosen
        let most = limit ?? (format == .table ? Self.tableLimit : Int.max)
        let pages = EntryPages(moment: moment, did: did, after: after, limit: most)
        let isWhole = format == .json || format == .jsonl
        var listing = Listing(isWhole ? EntryRow.entryColumns : EntryRow.postingColumns, format: format)
        try await withLedger(node, isReadOnly: true) { session in
            var count = 0
            try await pages.forEach(session.store) { entry in
                count += 1
                if isWhole {
                    try listing.add(EntryRow.entry(entry))
                } else {
                    for line in entry.lines { try listing.add(EntryRow.posting(entry, line)) }
                }
            }
            if count == most, limit == nil { standardError("mjn: the first \(most) entries; --limit shows more") }
        }
        try listing.finish(empty: "mjn: no entry")
    }
}

/// Entries as rows.
enum EntryRow {
    static let entryColumns: [Listing.Column] = [
        .init(name: "seq"), .init(name: "time"), .init(name: "effective_on"), .init(name: "cause_kind"),
        .init(name: "cause_id"), .init(name: "hash"), .init(name: "postings"),
    ]
    static let postingColumns: [Listing.Column] = [
        .init(name: "seq", isRight: true), .init(name: "time"), .init(name: "effective_on", isHidden: true),
        .init(name: "cause_kind", title: "cause"), .init(name: "cause_id", isHidden: true),
        .init(name: "account", isElastic: true), .init(name: "owner", isHidden: true),
        .init(name: "currency", isHidden: true), .init(name: "side"),
        .init(name: "amount", isRight: true), .init(name: "hash", isHidden: true),
    ]

    static func entry(_ entry: EntryLine) -> [Cell] {
        var json = JSONWriter()
        json.beginArray()
        for line in entry.lines {
            json.beginObject()
            json.field("account", line.account.name)
            json.field("side", sideName(line.side))
            json.field("amount", line.amountMinor)
            json.field("currency", line.account.currency)
            json.endObject()
        }
        json.endArray()
        return [
            .int(entry.seq), .text(CivilDate(ms: entry.timeMs).rfc3339), .text(EntryText.date(entry.effectiveOn)),
            .text(entry.cause.kind), .text(entry.cause.id), .text(Hex.encode(entry.hash)), .raw(json.bytes),
        ]
    }

    static func posting(_ entry: EntryLine, _ line: EntryLine.Line) -> [Cell] {
        let key = line.account
        return [
            .int(entry.seq), .text(CivilDate(ms: entry.timeMs).rfc3339), .text(EntryText.date(entry.effectiveOn)),
            .text(entry.cause.kind), .text(entry.cause.id), .text(key.name),
            key.owner.isEmpty ? .null : .text(key.owner), .text(key.currency), .text(sideName(line.side)),
            .money(Int128(line.amountMinor), currency: key.currency), .text(Hex.encode(entry.hash)),
        ]
    }

    static func sideName(_ side: PostingSide) -> String {
        switch side {
        case .debit: "debit"
        case .credit: "credit"
        case .pendingDebit: "pending_debit"
        case .pendingCredit: "pending_credit"
        }
    }
}
