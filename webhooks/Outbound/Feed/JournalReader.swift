import Cryptography
import Kernel
import PostgresClient

/// Reads entries as events.
struct JournalReader {
    let bookID: Int64

    /// Postings of a batch, at most, except where a single entry has more: bodies are held in memory together.
    private static let postingsMax = 10_000

    /// An entry before its accounts were looked up.
    struct Line {
        let entry: Entry
        let hash: [UInt8]
    }

    /// The entries after a number, in order and without a gap: what follows a missing number is not there yet.
    func lines(after seq: Int64, until last: Int64, limit: Int, on connection: Connection) throws -> [Line] {
        var lines: [Line] = []
        var postings = 0
        let rows = try connection.query(
            Self.entries, [.int8(bookID), .int8(seq), .int8(last), .int8(Int64(limit))])
        for row in rows {
            let entry = try Entry(body: row.bytea(0))
            guard entry.seq == seq + Int64(lines.count) + 1 else { break }
            postings += entry.postings.count
            guard lines.isEmpty || postings <= Self.postingsMax else { break }
            lines.append(Line(entry: entry, hash: try row.bytea(1)))
        }
        return lines
    }

    /// These entries with their creators, and their accounts as they were after each.
    func events(_ lines: [Line], on connection: Connection) throws -> [LedgerEvent] {
        let causes = lines.map { EventCreators.Cause(kind: $0.entry.cause.kind, id: $0.entry.cause.id) }
        let creators = try EventCreators.find(causes, bookID: bookID, on: connection)
        let keys = try accounts(of: lines, on: connection)
        let counters = try counters(of: lines, on: connection)
        return try zip(lines, causes).map { line, cause in
            let entry = line.entry
            let accounts = try accountIDs(of: entry).map { accountID -> LedgerEvent.Account in
                guard let key = keys[accountID], let after = counters[Place(accountID: accountID, seq: entry.seq)]
                else {
                    throw PostgresError(.decoding, "entry \(entry.seq) posts to an account that is not stored")
                }
                return LedgerEvent.Account(
                    key: key, changeMinor: change(accountID, in: entry, key.kind.accountClass), counters: after)
            }
            return LedgerEvent(
                seq: entry.seq, timeMs: entry.timeMs, causeKind: entry.cause.kind, causeID: entry.cause.id,
                hash: line.hash, creator: creators[cause] ?? "", accounts: accounts)
        }
    }

    private struct Place: Hashable {
        let accountID: Int64
        let seq: Int64
    }

    /// Each account once, in the order of the postings.
    private func accountIDs(of entry: Entry) -> [Int64] {
        var seen = Set<Int64>()
        return entry.postings.map(\.accountID).filter { seen.insert($0).inserted }
    }

    /// A book never holds two posted postings of one account and side in an entry, so that this cannot overflow.
    private func change(_ accountID: Int64, in entry: Entry, _ accountClass: AccountClass) -> Int64 {
        entry.postings.reduce(0) { sum, posting in
            guard posting.accountID == accountID, !posting.side.isPending else { return sum }
            return posting.side.isDebit == accountClass.isDebitNormal
                ? sum + posting.amountMinor : sum - posting.amountMinor
        }
    }

    private func accounts(of lines: [Line], on connection: Connection) throws -> [Int64: AccountKey] {
        let ids = Set(lines.flatMap { $0.entry.postings.map(\.accountID) })
        var keys: [Int64: AccountKey] = [:]
        for row in try connection.query(Self.accounts, [.int8(bookID), .int8s(Array(ids))]) {
            guard let kind = AccountKind(rawValue: try row.text(2)) else {
                throw PostgresError(.decoding, "an account's kind is unknown to this version")
            }
            keys[try row.int8(0)] = AccountKey(
                owner: try row.text(1), kind: kind, detail: try row.text(3), currency: try row.text(4))
        }
        return keys
    }

    private func counters(of lines: [Line], on connection: Connection) throws -> [Place: Counters] {
        let places = lines.flatMap { line in
            accountIDs(of: line.entry).map { Place(accountID: $0, seq: line.entry.seq) }
        }
        var counters: [Place: Counters] = [:]
        let rows = try connection.query(
            Self.counters, [.int8(bookID), .int8s(places.map(\.accountID)), .int8s(places.map(\.seq))])
        for row in rows {
            counters[Place(accountID: try row.int8(0), seq: try row.int8(1))] = Counters(
                postedDebits: try row.int8(2), postedCredits: try row.int8(3), pendingDebits: try row.int8(4),
                pendingCredits: try row.int8(5))
        }
        return counters
    }

    private static let entries = Statement(
        "webhook_entries",
        """
        SELECT body, hash FROM entries WHERE book_id = $1 AND seq > $2 AND seq <= $3
        ORDER BY book_id, seq LIMIT $4
        """)
    private static let accounts = Statement(
        "webhook_accounts",
        """
        SELECT account_id, owner, kind, detail, currency FROM accounts
        WHERE book_id = $1 AND account_id = ANY ($2::bigint[])
        """)
    /// An account's state after an entry is its last posting in it.
    private static let counters = Statement(
        "webhook_counters",
        """
        SELECT v.account_id, v.seq, p.posted_debits, p.posted_credits, p.pending_debits, p.pending_credits
        FROM unnest($2::bigint[], $3::bigint[]) AS v (account_id, seq)
        CROSS JOIN LATERAL (
            SELECT posted_debits, posted_credits, pending_debits, pending_credits FROM postings
            WHERE book_id = $1 AND account_id = v.account_id AND seq = v.seq
            ORDER BY side DESC LIMIT 1
        ) p
        """)
}
