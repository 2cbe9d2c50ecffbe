import Cryptography
import Kernel
public import PostgresClient

/// Proves a book from its rows alone: hashes, sums, counters, and the links between what was asked and what was posted.
///
/// Reads one snapshot, row by row: memory grows with the number of accounts (48 bytes each), not of entries or
/// postings. The postings are compared with the entries' bodies by sums of keyed hashes, which do not depend on the
/// order they are read in.
public struct LedgerVerifier: Sendable {
    let database: PostgresConfiguration
    let bookID: Int64

    /// Rows between two reports of progress.
    static let progressRows: Int64 = 20_000

    /// A verifier of one book.
    public init(database: PostgresConfiguration, bookID: Int64 = 1) {
        var database = PostgresLedgerStore.Configuration.inSchema(database)
        database.settings["enable_hashjoin"] = "on"
        database.settings["enable_mergejoin"] = "on"
        database.settings["enable_seqscan"] = "on"
        database.statementTimeoutSeconds = Self.timeoutSeconds
        self.database = database
        self.bookID = bookID
    }

    /// Longest a single pass may take: 10 million postings take about a minute.
    static let timeoutSeconds = 3600.0

    /// Reads the whole book. Blocks: call it on a thread of its own.
    /// - Parameter signatureSlackMs: how late a process may have learnt that a key was retired, milliseconds. With it,
    ///   every stored signature is verified in its time as well, some 50 µs each; nil: signatures are not looked at.
    /// - Throws: `PostgresError` when the database does not answer; what is wrong with the book is in the report.
    public func verify(
        signatureSlackMs: Int64? = nil, progress: (VerificationProgress) -> Void = { _ in }
    ) throws -> VerificationReport {
        let connection = try Connection.connect(database)
        defer { connection.close() }
        var report = VerificationReport()
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { connection in
            var journal = JournalCheck()
            try readEntries(connection, &journal, &report, progress)
            try readAccounts(connection, journal, &report)
            try readPostings(connection, journal, &report, progress)
            try readSettlements(connection, journal, &report, progress)
            try readRefunds(connection, journal, &report)
            try readCharges(connection, &report)
            try readLifecycles(connection, journal, &report, progress)
            try readManifests(connection, &report)
            progress(VerificationProgress(phase: "links", done: 0, total: 0))
            try readLinks(connection, &report)
            if let signatureSlackMs {
                try readSignatures(connection, slackMs: signatureSlackMs, &report, progress)
            }
        }
        return report
    }

    // MARK: Entries

    private func readEntries(
        _ connection: Connection, _ journal: inout JournalCheck, _ report: inout VerificationReport,
        _ progress: (VerificationProgress) -> Void
    ) throws {
        guard let book = try connection.query(Self.book, [.int8(bookID)]).first else {
            report.add(.sequenceGap, "there is no book \(bookID)")
            return
        }
        let total = try book.int8(1)
        let name = try book.text(0)
        try connection.stream(Self.entries, [.int8(bookID)]) { row in
            try journal.take(row, book: name, &report)
            report.entries += 1
            if report.entries % Self.progressRows == 0 {
                progress(VerificationProgress(phase: "entries", done: report.entries, total: total))
            }
        }
        progress(VerificationProgress(phase: "entries", done: report.entries, total: total))
        report.headHash = journal.hash
        let (headSeq, headHash) = (try book.int8(1), try book.bytea(2))
        if headSeq != journal.seq || headHash != journal.hash {
            report.add(.sequenceGap, "the book's head says entry \(headSeq), its last entry is \(journal.seq)")
        }
        if try book.int8(3) != Int64(journal.accounts.count) + 1 {
            report.add(.accountMismatch, "the book's next account is not the one after its last")
        }
    }

    // MARK: Accounts

    private func readAccounts(
        _ connection: Connection, _ journal: JournalCheck, _ report: inout VerificationReport
    ) throws {
        var seen = 0
        try connection.stream(Self.accounts, [.int8(bookID)]) { row in
            let id = try row.int8(0)
            seen += 1
            guard let account = journal.account(id) else {
                report.add(.accountMismatch, "account \(id) was opened by no entry")
                return
            }
            guard let kind = AccountKind(rawValue: try row.text(2)) else {
                return report.add(.accountMismatch, "account \(id) is of a kind that does not exist")
            }
            let key = AccountKey(
                owner: try row.text(1), kind: kind, detail: try row.text(3), currency: try row.text(4))
            if JournalCheck.identity(key) != account.identity {
                report.add(.accountMismatch, "account \(id) is \(key.name), its opening entry says otherwise")
            }
        }
        if seen < journal.accountsCount {
            report.add(.accountMismatch, "\(journal.accountsCount - seen) accounts that entries opened are missing")
        }
    }

    // MARK: Postings

    private func readPostings(
        _ connection: Connection, _ journal: JournalCheck, _ report: inout VerificationReport,
        _ progress: (VerificationProgress) -> Void
    ) throws {
        var check = PostingCheck(journal: journal)
        try connection.stream(Self.postings, [.int8(bookID)]) { row in
            try check.take(row, &report)
            report.postings += 1
            if report.postings % Self.progressRows == 0 {
                progress(
                    VerificationProgress(phase: "postings", done: report.postings, total: journal.postingsCount))
            }
        }
        progress(VerificationProgress(phase: "postings", done: report.postings, total: journal.postingsCount))
        check.finish(report.postings, &report)
    }

    private static let book = Statement(
        "verify_book", "SELECT name, head_seq, head_hash, next_account_id FROM books WHERE book_id = $1")
    private static let entries = Statement(
        "verify_entries",
        """
        SELECT seq, time_ms, effective_on, cause_kind, cause_id, body, hash FROM entries
        WHERE book_id = $1 ORDER BY book_id, seq
        """)
    private static let accounts = Statement(
        "verify_accounts",
        "SELECT account_id, owner, kind, detail, currency FROM accounts WHERE book_id = $1 ORDER BY account_id")
    private static let postings = Statement(
        "verify_postings",
        """
        SELECT account_id, seq, side, amount, posted_debits, posted_credits, pending_debits, pending_credits
        FROM postings WHERE book_id = $1 ORDER BY book_id, account_id, seq, side
        """)
}
