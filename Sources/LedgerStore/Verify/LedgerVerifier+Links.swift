import Cryptography
import Kernel
import PostgresClient

extension LedgerVerifier {
    /// Each settlement with its entry and its reply: the reply must say what the book says.
    func readSettlements(
        _ connection: Connection, _ report: inout VerificationReport,
        _ progress: (VerificationProgress) -> Void
    ) throws {
        let total = try connection.query(Self.settlementsCount, [.int8(bookID)]).one().int8(0)
        try connection.stream(Self.settlements, [.int8(bookID)]) { row in
            let id = try row.text(0)
            report.settlements += 1
            if report.settlements % Self.progressRows == 0 {
                progress(VerificationProgress(phase: "settlements", done: report.settlements, total: total))
            }
            guard try row.textOrNil(3) == "settlement", try row.textOrNil(4) == id else {
                return report.add(.causeMissing, "settlement \(id) has no entry of its own")
            }
            guard let reply = try row.byteaOrNil(6), let document = try? JSONDocument(parsing: reply) else {
                return report.add(.replyMismatch, "settlement \(id) has no readable reply")
            }
            let root = document.root
            let says =
                try
                (root["id"]?.string == id && root["entry_seq"]?.int64 == row.int8(1)
                && root["entry_hash"]?.string == row.byteaOrNil(5).map { Hex.encode($0) }
                && root["amount"]?.int64 == row.int8(2) && Self.partsSum(root) == root["amount"]?.int64
                && root["currency"]?.string == row.text(7))
            if !says { report.add(.replyMismatch, "settlement \(id) was answered otherwise than it was posted") }
        }
        progress(VerificationProgress(phase: "settlements", done: report.settlements, total: total))
    }

    /// Splits and fees of a reply; `nil` when one is missing or they do not fit.
    private static func partsSum(_ root: JSONValue) -> Int64? {
        var sum: Int128 = 0
        for name in ["splits", "fees"] {
            guard let list = root[name], list.kind == .array else { return nil }
            for line in list.elements {
                guard let amount = line["amount"]?.int64 else { return nil }
                sum += Int128(amount)
            }
        }
        return Int64(exactly: sum)
    }

    /// Links that SQL can check by itself, each listing what breaks it.
    func readLinks(_ connection: Connection, _ report: inout VerificationReport) throws {
        for (code, sql) in Self.links {
            try connection.stream(sql, [.int8(bookID)], timeoutSeconds: Self.timeoutSeconds) { row in
                report.add(code, try row.text(0))
            }
        }
    }

    private static let settlementsCount = Statement(
        "verify_settlements_count", "SELECT count(*) FROM settlements WHERE book_id = $1")
    private static let settlements = Statement(
        "verify_settlements",
        """
        SELECT s.settlement_id, s.entry_seq, s.gross, e.cause_kind, e.cause_id, e.hash, o.body, s.currency
        FROM settlements s
        LEFT JOIN entries e ON e.book_id = s.book_id AND e.seq = s.entry_seq
        LEFT JOIN outcomes o
          ON o.book_id = s.book_id AND o.caller = s.caller AND o.idempotency_key = s.idempotency_key
        WHERE s.book_id = $1
        """)

    private static let links: [(Finding.Code, String)] = [
        (
            .causeMissing,
            """
            SELECT 'entry ' || e.seq || ' (' || e.cause_kind || ' ' || e.cause_id || ') has no cause'
            FROM entries e
            WHERE e.book_id = $1 AND NOT CASE e.cause_kind
                WHEN 'settlement' THEN EXISTS (SELECT FROM settlements s WHERE s.book_id = e.book_id
                    AND s.settlement_id = e.cause_id AND s.entry_seq = e.seq)
                WHEN 'refund' THEN EXISTS (SELECT FROM refunds r WHERE r.book_id = e.book_id
                    AND r.refund_id = e.cause_id AND r.entry_seq = e.seq)
                WHEN 'hold' THEN EXISTS (SELECT FROM holds h WHERE h.book_id = e.book_id
                    AND h.hold_id = e.cause_id AND h.made_seq = e.seq)
                WHEN 'hold_post' THEN EXISTS (SELECT FROM holds h WHERE h.book_id = e.book_id
                    AND h.hold_id = e.cause_id AND h.ended_seq = e.seq AND h.status = 'posted')
                WHEN 'hold_void' THEN EXISTS (SELECT FROM holds h WHERE h.book_id = e.book_id
                    AND h.hold_id = e.cause_id AND h.ended_seq = e.seq AND h.status = 'voided')
                WHEN 'hold_expire' THEN EXISTS (SELECT FROM holds h WHERE h.book_id = e.book_id
                    AND h.hold_id = e.cause_id AND h.ended_seq = e.seq AND h.status = 'expired')
                WHEN 'gas' THEN e.cause_id IN (SELECT charge_id FROM gas_messages g WHERE g.book_id = $1)
                WHEN 'fund' THEN e.cause_id IN (SELECT reference FROM outcomes o
                    WHERE o.book_id = $1 AND o.reference LIKE 'fnd\\_%')
                WHEN 'credit' THEN e.cause_id IN (SELECT reference FROM outcomes o
                    WHERE o.book_id = $1 AND o.reference LIKE 'fnd\\_%')
                ELSE false END
            """
        ),
        (
            .causeMissing,
            """
            SELECT 'refund ' || r.refund_id || ' has no entry of its own' FROM refunds r
            LEFT JOIN entries e ON e.book_id = r.book_id AND e.seq = r.entry_seq
            WHERE r.book_id = $1 AND (e.cause_kind, e.cause_id) IS DISTINCT FROM ('refund', r.refund_id)
            """
        ),
        (
            .causeMissing,
            """
            SELECT 'hold ' || h.hold_id || ' has no entry of its own' FROM holds h
            LEFT JOIN entries m ON m.book_id = h.book_id AND m.seq = h.made_seq
            LEFT JOIN entries d ON d.book_id = h.book_id AND d.seq = h.ended_seq
            WHERE h.book_id = $1 AND (m.cause_id IS DISTINCT FROM h.hold_id
                OR (h.status <> 'pending' AND d.cause_id IS DISTINCT FROM h.hold_id))
            """
        ),
        (
            .refundMismatch,
            """
            SELECT 'refund ' || refund_id || ' does not follow from those before it' FROM (
                SELECT r.refund_id, r.refunded_total, r.amount, s.gross,
                       lag(r.refunded_total, 1, 0::bigint) OVER (
                           PARTITION BY r.settlement_id ORDER BY r.refunded_total) AS before
                FROM refunds r LEFT JOIN settlements s
                  ON s.book_id = r.book_id AND s.settlement_id = r.settlement_id
                WHERE r.book_id = $1
            ) t WHERE t.refunded_total <> t.before + t.amount OR t.amount <= 0 OR t.gross IS NULL
                OR t.refunded_total > t.gross
            """
        ),
    ]
}
