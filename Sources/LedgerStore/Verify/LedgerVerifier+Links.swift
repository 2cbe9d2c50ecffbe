import PostgresClient

extension LedgerVerifier {
    /// Links that SQL can check by itself, each listing what breaks it.
    func readLinks(_ connection: Connection, _ report: inout VerificationReport) throws {
        for (code, sql) in Self.links + Self.lifecycleLinks {
            try connection.stream(sql, [.int8(bookID)], timeoutSeconds: Self.timeoutSeconds) { row in
                report.add(code, try row.text(0))
            }
        }
    }

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
                WHEN 'transfer' THEN e.cause_id IN (SELECT reference FROM outcomes o
                    WHERE o.book_id = $1 AND o.reference LIKE 'trf\\_%')
                -- A step that moves two currencies is two entries; its event names the second.
                ELSE EXISTS (SELECT FROM lifecycle_events v WHERE v.book_id = e.book_id
                    AND v.lifecycle_id = e.cause_id AND v.name = e.cause_kind AND v.seq IN (e.seq, e.seq + 1)) END
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
