public import Cryptography
import Kernel
import PostgresClient
public import Settlement

extension PostgresLedgerStore {
    /// All accounts with their counters at a moment, or those of one owner, by owner, kind and currency. Accounts that
    /// did not exist yet are left out.
    public func accounts(at moment: BookMoment = .now, of did: DID? = nil) async throws(LedgerFailure) -> [AccountLine]
    {
        try await accounts(at: moment, owner: did?.string)
    }

    /// The accounts of the book itself, with their counters now.
    public func bookAccounts() async throws(LedgerFailure) -> [AccountLine] {
        try await accounts(at: .now, owner: "")
    }

    private func accounts(at moment: BookMoment, owner: String?) async throws(LedgerFailure) -> [AccountLine] {
        let bookID = book.bookID
        return try await read { connection in
            let seq = try Self.seq(of: moment, bookID, on: connection)
            let rows = try connection.query(
                Self.accountsAt, [.int8(bookID), .int8(seq), .text(owner)], timeoutSeconds: 120)
            return try rows.map { row in
                let account = try AccountState(row)
                return AccountLine(accountID: account.accountID, key: account.key, counters: account.counters)
            }
        }
    }

    /// Sums per currency and kind at a moment. Per currency, debits equal credits.
    public func trialBalance(at moment: BookMoment = .now) async throws(LedgerFailure) -> [TrialBalanceLine] {
        var lines: [String: [AccountKind: TrialBalanceLine]] = [:]
        for account in try await accounts(at: moment) {
            let before = lines[account.key.currency]?[account.key.kind]
            lines[account.key.currency, default: [:]][account.key.kind] = TrialBalanceLine(
                currency: account.key.currency, kind: account.key.kind, accounts: (before?.accounts ?? 0) + 1,
                debits: (before?.debits ?? 0) + Int128(account.counters.postedDebits),
                credits: (before?.credits ?? 0) + Int128(account.counters.postedCredits))
        }
        return lines.sorted { $0.key < $1.key }.flatMap { _, kinds in
            AccountKind.allCases.compactMap { kinds[$0] }
        }
    }

    /// Entries after a number, ascending, at most `limit`; with `did`, those that post to one of its accounts.
    public func entries(
        after seq: Int64 = 0, until last: Int64 = .max, of did: DID? = nil, limit: Int
    ) async throws(LedgerFailure) -> [EntryLine] {
        let bookID = book.bookID
        return try await read { connection in
            let rows = try connection.query(
                did == nil ? Self.entriesAfter : Self.entriesOfOwner,
                [.int8(bookID), .int8(seq), .int8(last), .int8(Int64(limit))]
                    + (did.map { [.text($0.string)] } ?? []), timeoutSeconds: 120)
            var entries: [(Entry, [UInt8])] = []
            for row in rows { entries.append((try Entry(body: row.bytea(0)), try row.bytea(1))) }
            let ids = Set(entries.flatMap { $0.0.postings.map(\.accountID) })
            var keys: [Int64: AccountKey] = [:]
            for row in try connection.query(Self.accountsByID, [.int8(bookID), .int8s(Array(ids))]) {
                let account = try AccountState(row)
                keys[account.accountID] = account.key
            }
            return try entries.map { entry, hash in try EntryLine(entry, hash: hash, keys) }
        }
    }

    /// The newest lines of the audit log, newest first.
    public func auditLog(limit: Int) async throws(LedgerFailure) -> [AuditLine] {
        let bookID = book.bookID
        return try await read { connection in
            try connection.query(Self.audit, [.int8(bookID), .int8(Int64(limit))]).map { row in
                AuditLine(
                    timeMs: try row.int8(0), actor: try row.text(1), action: try row.text(2),
                    subject: try row.text(3), reason: try row.text(4))
            }
        }
    }

    /// The number of the last entry at a moment.
    private static func seq(of moment: BookMoment, _ bookID: Int64, on connection: Connection) throws -> Int64 {
        switch moment {
        case .now: .max
        case .seq(let seq): seq
        case .time(let ms): try connection.query(seqAt, [.int8(bookID), .int8(ms)]).one().int8(0)
        }
    }

    private static let accountsAt = Statement(
        "accounts_at",
        """
        SELECT a.account_id, a.owner, a.kind, a.detail, a.currency,
               p.posted_debits, p.posted_credits, p.pending_debits, p.pending_credits
        FROM accounts a
        CROSS JOIN LATERAL (
            SELECT posted_debits, posted_credits, pending_debits, pending_credits FROM postings
            WHERE book_id = $1 AND account_id = a.account_id AND seq <= $2
            ORDER BY book_id DESC, account_id DESC, seq DESC, side DESC LIMIT 1
        ) p
        WHERE a.book_id = $1 AND ($3 IS NULL OR a.owner = $3)
        ORDER BY a.owner, a.kind, a.detail, a.currency
        """)
    /// Times never fall along the sequence, so the last entry at or before a time is found by halving.
    private static let seqAt = Statement(
        "seq_at",
        """
        WITH RECURSIVE halving (low, high) AS (
            SELECT 0::bigint, (SELECT head_seq FROM books WHERE book_id = $1)
            UNION ALL
            SELECT CASE WHEN e.time_ms <= $2 THEN e.seq ELSE h.low END,
                   CASE WHEN e.time_ms <= $2 THEN h.high ELSE e.seq - 1 END
            FROM halving h JOIN entries e ON e.book_id = $1 AND e.seq = (h.low + h.high + 1) / 2
            WHERE h.low < h.high
        )
        SELECT low FROM halving WHERE low >= high ORDER BY low DESC LIMIT 1
        """)
    private static let entriesAfter = Statement(
        "entries_after",
        """
        SELECT body, hash FROM entries WHERE book_id = $1 AND seq > $2 AND seq <= $3
        ORDER BY book_id, seq LIMIT $4
        """)
    private static let entriesOfOwner = Statement(
        "entries_of_owner",
        """
        SELECT e.body, e.hash FROM entries e
        WHERE e.book_id = $1 AND e.seq IN (
            SELECT p.seq FROM accounts a JOIN postings p ON p.book_id = $1 AND p.account_id = a.account_id
            WHERE a.book_id = $1 AND a.owner = $5 AND p.seq > $2 AND p.seq <= $3)
        ORDER BY e.seq LIMIT $4
        """)
    private static let accountsByID = Statement(
        "accounts_by_id",
        """
        SELECT account_id, owner, kind, detail, currency, 0::bigint, 0::bigint, 0::bigint, 0::bigint FROM accounts
        WHERE book_id = $1 AND account_id = ANY ($2::bigint[])
        """)
    private static let audit = Statement(
        "audit_log",
        """
        SELECT time_ms, actor, action, subject, reason FROM audit_log
        WHERE book_id = $1 ORDER BY time_ms DESC, audit_id LIMIT $2
        """)
}

extension EntryLine {
    init(_ entry: Entry, hash: [UInt8], _ keys: [Int64: AccountKey]) throws {
        self.init(
            seq: entry.seq, timeMs: entry.timeMs, effectiveOn: entry.effectiveOn, cause: entry.cause, hash: hash,
            lines: try entry.postings.map { posting in
                guard let key = keys[posting.accountID] else {
                    throw PostgresError(.decoding, "entry \(entry.seq) posts to an account that is not stored")
                }
                return Line(account: key, side: posting.side, amountMinor: posting.amountMinor)
            })
    }
}
