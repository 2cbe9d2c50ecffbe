import Cryptography
import Kernel
import PostgresClient

extension LedgerVerifier {
    /// Replies of settlements with thousands of lines are longer than what a request may be.
    private static let replyLimits = JSONLimits(depth: 16, members: 2_000_000, bytes: 64 << 20)

    /// Each settlement with its entry and its reply: row, reply and entry must say the same of everybody's money.
    func readSettlements(
        _ connection: Connection, _ journal: JournalCheck, _ report: inout VerificationReport,
        _ progress: (VerificationProgress) -> Void
    ) throws {
        let total = try connection.query(Self.settlementsCount, [.int8(bookID)]).one().int8(0)
        try connection.stream(Self.settlements, [.int8(bookID)]) { row in
            let id = try row.text(0)
            report.settlements += 1
            if report.settlements % Self.progressRows == 0 {
                progress(VerificationProgress(phase: "settlements", done: report.settlements, total: total))
            }
            guard let entry = try Self.entry(row, body: 5, cause: ("settlement", id)) else {
                return report.add(.causeMissing, "settlement \(id) has no entry of its own")
            }
            guard let reply = try Self.reply(row, of: entry, from: 7, status: 201) else {
                return report.add(.replyMismatch, "settlement \(id) has no reply of its request")
            }
            let says =
                try
                (reply["id"]?.string == id && reply["entry_seq"]?.int64 == row.int8(1)
                && reply["entry_hash"]?.string == row.byteaOrNil(6).map { Hex.encode($0) }
                && reply["amount"]?.int64 == row.int8(2) && reply["currency"]?.string == row.text(10)
                && reply["manifest_cid"]?.string == row.text(11))
            let payer = JournalCheck.hash(of: try row.text(3))
            // What a rail brought in stands in an account of the book until it is spent.
            let funder = try row.textOrNil(12) == nil ? payer : JournalCheck.hash(of: "")
            let moved = journal.movements(of: entry)
            guard says,
                let expected = Self.expected(reply, payer: payer, funder: funder, grossMinor: try row.int8(2))
            else {
                return report.add(.replyMismatch, "settlement \(id) was answered otherwise than it is stored")
            }
            if expected.byOwner != moved.byOwner {
                report.add(.replyMismatch, "settlement \(id) was answered otherwise than it was posted")
            }
            if moved.creditByOwner[payer] ?? 0 != expected.buyerCredit - Int128(try row.int8(4)) {
                report.add(.replyMismatch, "settlement \(id) took another part from credit than is stored")
            }
        }
        progress(VerificationProgress(phase: "settlements", done: report.settlements, total: total))
    }

    /// Each refund with its entry and its reply.
    func readRefunds(_ connection: Connection, _ journal: JournalCheck, _ report: inout VerificationReport) throws {
        try connection.stream(Self.refunds, [.int8(bookID)]) { row in
            let id = try row.text(0)
            guard let entry = try Self.entry(row, body: 5, cause: ("refund", id)) else {
                return report.add(.causeMissing, "refund \(id) has no entry of its own")
            }
            guard let reply = try Self.reply(row, of: entry, from: 6, status: 201), let lines = reply["lines"] else {
                return report.add(.replyMismatch, "refund \(id) has no reply of its request")
            }
            // By a rail, or to a dispute, the money stays with the book.
            let receiver = JournalCheck.hash(of: try row.textOrNil(10) == nil ? try row.text(4) : "")
            var byOwner: [UInt64: Int128] = [receiver: Int128(try row.int8(2))]
            for line in lines.elements {
                let isFee = line["kind"]?.string == "fee" && line["role"]?.string != FeeLine.Kind.buyerCredit.rawValue
                let owner = JournalCheck.hash(of: isFee ? "" : line["did"]?.string ?? "")
                byOwner[owner, default: 0] -= Int128(line["amount"]?.int64 ?? 0)
            }
            let says =
                try
                (reply["id"]?.string == id && reply["amount"]?.int64 == row.int8(2)
                && reply["refunded_total"]?.int64 == row.int8(3) && reply["entry_seq"]?.int64 == row.int8(1)
                && reply["settlement"]?.string == row.text(9))
            if !says || byOwner.filter({ $0.value != 0 }) != journal.movements(of: entry).byOwner {
                report.add(.replyMismatch, "refund \(id) was answered otherwise than it was posted")
            }
        }
    }

    /// The entry of a row, when it is there, readable, and of this cause.
    private static func entry(_ row: Row, body: Int, cause: (String, String)) throws -> Entry? {
        guard let bytes = try row.byteaOrNil(body), let entry = try? Entry(body: bytes),
            entry.cause.kind == cause.0, entry.cause.id == cause.1
        else { return nil }
        return entry
    }

    /// The reply in three columns: body, request hash, status. The entry's body, which is hashed, names the request.
    private static func reply(_ row: Row, of entry: Entry, from column: Int, status: Int16) throws -> JSONValue? {
        guard let body = try row.byteaOrNil(column), try row.byteaOrNil(column + 1) == entry.cause.requestHash,
            try row.int2OrNil(column + 2) == status,
            let document = try? JSONDocument(parsing: body, limits: replyLimits)
        else { return nil }
        return document.root
    }

    /// What a reply says that everybody got; `nil` when its parts do not sum to the gross.
    private static func expected(
        _ reply: JSONValue, payer: UInt64, funder: UInt64, grossMinor: Int64
    ) -> (byOwner: [UInt64: Int128], buyerCredit: Int128)? {
        guard let splits = reply["splits"], let fees = reply["fees"] else { return nil }
        var byOwner: [UInt64: Int128] = [:]
        var sum: Int128 = 0
        var buyerCredit: Int128 = 0
        for line in splits.elements {
            guard let did = line["did"]?.string, let amount = line["amount"]?.int64 else { return nil }
            byOwner[JournalCheck.hash(of: did), default: 0] += Int128(amount)
            sum += Int128(amount)
        }
        for line in fees.elements {
            guard let kind = line["kind"]?.string, let amount = line["amount"]?.int64 else { return nil }
            let isPayers = kind == FeeLine.Kind.buyerCredit.rawValue
            byOwner[isPayers ? payer : JournalCheck.hash(of: ""), default: 0] += Int128(amount)
            if isPayers { buyerCredit += Int128(amount) }
            sum += Int128(amount)
        }
        guard sum == Int128(grossMinor) else { return nil }
        byOwner[funder, default: 0] -= sum
        return (byOwner.filter { $0.value != 0 }, buyerCredit)
    }

    private static let settlementsCount = Statement(
        "verify_settlements_count", "SELECT count(*) FROM settlements WHERE book_id = $1")
    private static let settlements = Statement(
        "verify_settlements",
        """
        SELECT s.settlement_id, s.entry_seq, s.gross, s.payer, s.credit, e.body, e.hash, o.body, o.request_hash,
               o.status, s.currency, s.manifest_cid, v.lifecycle_id
        FROM settlements s
        LEFT JOIN entries e ON e.book_id = s.book_id AND e.seq = s.entry_seq
        LEFT JOIN outcomes o
          ON o.book_id = s.book_id AND o.caller = s.caller AND o.idempotency_key = s.idempotency_key
        LEFT JOIN lifecycle_events v
          ON v.book_id = s.book_id AND v.seq = s.entry_seq AND v.name = 'settlement' AND v.note = s.settlement_id
        WHERE s.book_id = $1
        """)
    private static let refunds = Statement(
        "verify_refunds",
        """
        SELECT r.refund_id, r.entry_seq, r.amount, r.refunded_total, coalesce(s.payer, ''), e.body, o.body,
               o.request_hash, o.status, r.settlement_id, v.note
        FROM refunds r
        LEFT JOIN settlements s ON s.book_id = r.book_id AND s.settlement_id = r.settlement_id
        LEFT JOIN entries e ON e.book_id = r.book_id AND e.seq = r.entry_seq
        LEFT JOIN outcomes o
          ON o.book_id = r.book_id AND o.caller = r.caller AND o.idempotency_key = r.idempotency_key
        LEFT JOIN (SELECT DISTINCT seq, note FROM lifecycle_events WHERE book_id = $1 AND name = 'refund') v
          ON v.seq = r.entry_seq AND v.note = r.refund_id
        WHERE r.book_id = $1
        """)
}
