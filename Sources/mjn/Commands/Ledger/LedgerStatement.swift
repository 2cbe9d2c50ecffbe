import ArgumentParser
import Cryptography
import Kernel
import LedgerStore
import Settlement

/// `mjn ledger statement`.
struct LedgerStatement: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statement",
        abstract: "One DID's movements, oldest first, each with the balance after it.",
        discussion: """
            Shows the newest lines up to the moment. Money that came in is positive, money that went is negative.

            Example: mjn ledger statement --did did:imajin:… --at 2026-03-31 --limit 50
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var moment: MomentOptions

    @Option(help: "Whose statement.")
    var did: DID

    @Option(help: "At most this many lines, the newest.")
    var limit = 200

    @OptionGroup var output: FormatOptions

    private static let columns: [Listing.Column] = [
        .init(name: "seq", isRight: true), .init(name: "time"), .init(name: "cause_kind", title: "cause"),
        .init(name: "cause_id", isElastic: true), .init(name: "account"), .init(name: "currency", isHidden: true),
        .init(name: "side", isHidden: true), .init(name: "amount", isRight: true),
        .init(name: "balance", isRight: true),
    ]
    /// Lines asked for at a time.
    private static let page = 500
    /// Lines kept in memory: some 20 MB.
    private static let limitMax = 100_000

    func validate() throws {
        guard (1...Self.limitMax).contains(limit) else {
            throw ValidationError("--limit is 1 to \(Self.limitMax); ledger entries --did lists all")
        }
    }

    func run() async throws {
        let lines = try await withLedger(node, isReadOnly: true) { try await newest($0) }
        var listing = Listing(Self.columns, format: output.chosen)
        for line in lines.reversed() {
            let isLiability = !line.account.accountClass.isDebitNormal
            let isIn = line.side.isDebit != isLiability
            func money(_ minor: Int64) -> Cell { .money(Int128(minor), currency: line.currency) }
            try listing.add([
                .int(line.seq), .text(CivilDate(ms: line.timeMs).rfc3339), .text(line.causeKind), .text(line.causeID),
                .text(line.account.rawValue + (line.side.isPending ? " (held)" : "")), .text(line.currency),
                .text(EntryRow.sideName(line.side)), money(isIn ? line.amountMinor : -line.amountMinor),
                money(line.balanceMinor),
            ])
        }
        try listing.finish(empty: "mjn: \(did) has not moved anything yet")
    }

    private func newest(_ session: LedgerSession) async throws -> [TransactionLine] {
        var lines: [TransactionLine] = []
        var cursor: TransactionCursor?
        while lines.count < limit {
            let page = try await session.store.transactions(of: did, before: cursor, limit: Self.page)
            lines += page.filter { moment.includes($0.seq, $0.timeMs) }
            guard page.count == Self.page, let last = page.last else { break }
            cursor = last.cursor
        }
        return Array(lines.prefix(limit))
    }
}
