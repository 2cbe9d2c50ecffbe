import Kernel
import PostgresClient

extension LedgerVerifier {
    /// Each payment, payout, refund, dispute, escrow and payee with its columns, and all of them together, with the
    /// holds, with the accounts that they stand in.
    func readLifecycles(
        _ connection: Connection, _ journal: JournalCheck, _ report: inout VerificationReport,
        _ progress: (VerificationProgress) -> Void
    ) throws {
        var sums = OutstandingSums()
        try connection.stream(Self.lifecycles, [.int8(bookID)], timeoutSeconds: Self.timeoutSeconds) { row in
            report.lifecycles += 1
            if report.lifecycles % Self.progressRows == 0 {
                progress(VerificationProgress(phase: "lifecycles", done: report.lifecycles, total: 0))
            }
            let id = try row.text(4)
            guard let lifecycle = try? LifecycleRow(row).lifecycle else {
                return report.add(.lifecycleMismatch, "\(id) has an unreadable state")
            }
            let columns = LifecycleFacts(
                id: id, owner: try row.text(6), creator: try row.text(7), rail: try row.text(8),
                reference: try row.text(9), parent: try row.text(10), status: try row.text(11),
                currency: try row.text(12), amountMinor: try row.int8(13), dueAtMs: try row.int8OrNil(14))
            if try lifecycle.facts != columns || lifecycle.kind.rawValue != row.text(5) {
                report.add(.lifecycleMismatch, "\(id) has columns that its state does not have")
            }
            sums.add(lifecycle)
        }
        try connection.stream(Self.holds, [.int8(bookID)], timeoutSeconds: Self.timeoutSeconds) { row in
            let currency = try row.text(6)
            guard let from = AccountKind(rawValue: try row.text(1)), let to = AccountKind(rawValue: try row.text(4))
            else { return report.add(.accountMismatch, "a hold is on an account of a kind that does not exist") }
            sums.addHold(
                from: AccountKey(owner: try row.text(0), kind: from, detail: try row.text(2), currency: currency),
                to: AccountKey(owner: try row.text(3), kind: to, detail: try row.text(5), currency: currency),
                pendingMinor: try row.int8(7), postedMinor: try row.int8(8))
        }
        sums.compare(with: journal, &report)
        progress(VerificationProgress(phase: "lifecycles", done: report.lifecycles, total: report.lifecycles))
    }

    private static let lifecycles = Statement(
        "verify_lifecycles",
        """
        SELECT state::text, version, made_at_ms, changed_at_ms, lifecycle_id, kind, owner, creator, rail, reference,
               parent, status, currency, amount, due_at_ms
        FROM lifecycles WHERE book_id = $1
        """)
    private static let holds = Statement(
        "verify_holds",
        """
        SELECT from_owner, from_kind, from_detail, to_owner, to_kind, to_detail, currency,
               CASE status WHEN 'pending' THEN amount ELSE 0 END, posted
        FROM holds WHERE book_id = $1
        """)

    /// What SQL can say of lifecycles by itself.
    static let lifecycleLinks: [(Finding.Code, String)] = [
        (
            .lifecycleMismatch,
            """
            SELECT l.lifecycle_id || ' is not where its life ends' FROM lifecycles l
            LEFT JOIN (SELECT lifecycle_id, count(*) AS count, max(version) AS last FROM lifecycle_events
                       WHERE book_id = $1 GROUP BY lifecycle_id) n ON n.lifecycle_id = l.lifecycle_id
            LEFT JOIN lifecycle_events a
              ON a.book_id = l.book_id AND a.lifecycle_id = l.lifecycle_id AND a.version = 1
            LEFT JOIN lifecycle_events z
              ON z.book_id = l.book_id AND z.lifecycle_id = l.lifecycle_id AND z.version = l.version
            WHERE l.book_id = $1 AND (n.count IS DISTINCT FROM l.version OR n.last IS DISTINCT FROM l.version
                OR a.time_ms IS DISTINCT FROM l.made_at_ms OR z.time_ms IS DISTINCT FROM l.changed_at_ms
                OR z.status IS DISTINCT FROM l.status)
            """
        ),
        (
            // A step changes what it is of, and what belongs to that: a refund's or dispute's payment, the
            // movement that paid a payment, and what a settlement spends or a settlement's refund sends back.
            .causeMissing,
            """
            SELECT v.lifecycle_id || ' version ' || v.version || ' (' || v.name || ') has no entry of its own'
            FROM lifecycle_events v
            LEFT JOIN lifecycles l ON l.book_id = v.book_id AND l.lifecycle_id = v.lifecycle_id
            LEFT JOIN entries e ON e.book_id = v.book_id AND e.seq = v.seq
            WHERE v.book_id = $1 AND (l.lifecycle_id IS NULL OR e.cause_kind IS DISTINCT FROM v.name
                OR e.time_ms <> v.time_ms OR NOT (e.cause_id = v.lifecycle_id
                    OR (v.name IN ('settlement', 'refund') AND e.cause_id = v.note)
                    OR (l.kind = 'arrival' AND e.cause_id = l.parent)
                    OR EXISTS (SELECT FROM lifecycle_events m JOIN lifecycles c
                            ON c.book_id = m.book_id AND c.lifecycle_id = m.lifecycle_id
                        WHERE m.book_id = v.book_id AND m.lifecycle_id = e.cause_id AND m.seq = v.seq
                          AND c.parent = v.lifecycle_id)))
            """
        ),
        (
            .lifecycleMismatch,
            """
            SELECT lifecycle_id || ' version ' || version || ' comes before the one before it' FROM (
                SELECT lifecycle_id, version, seq,
                       lag(seq) OVER (PARTITION BY lifecycle_id ORDER BY version) AS before
                FROM lifecycle_events WHERE book_id = $1
            ) t WHERE seq <= before
            """
        ),
        (
            .lifecycleMismatch,
            """
            SELECT l.lifecycle_id || ' was not spent by the settlement that it names' FROM lifecycles l
            LEFT JOIN settlements s
              ON s.book_id = l.book_id AND s.settlement_id = l.state #>> '{payment,_0,settlementID}'
            WHERE l.book_id = $1 AND l.kind = 'payment' AND l.state #>> '{payment,_0,settlementID}' <> ''
              AND (s.settlement_id IS NULL OR s.gross <> l.amount OR s.payer <> l.owner OR s.currency <> l.currency
                OR NOT EXISTS (SELECT FROM lifecycle_events v WHERE v.book_id = l.book_id
                    AND v.lifecycle_id = l.lifecycle_id AND v.name = 'settlement' AND v.seq = s.entry_seq))
            UNION ALL
            SELECT v.lifecycle_id || ' does not name the settlement that spent it' FROM lifecycle_events v
            JOIN lifecycles l ON l.book_id = v.book_id AND l.lifecycle_id = v.lifecycle_id
            WHERE v.book_id = $1 AND v.name = 'settlement'
              AND l.state #>> '{payment,_0,settlementID}' IS DISTINCT FROM v.note
            """
        ),
        (
            .lifecycleMismatch,
            """
            SELECT p.lifecycle_id || ' has refunds that do not sum to what it says' FROM lifecycles p
            LEFT JOIN (SELECT parent, sum(amount) FILTER (WHERE status IN ('held', 'sending', 'sent')) AS returning,
                              sum(amount) FILTER (WHERE status = 'done') AS returned
                       FROM lifecycles WHERE book_id = $1 AND kind = 'rail_refund' GROUP BY parent) r
              ON r.parent = p.lifecycle_id
            WHERE p.book_id = $1 AND p.kind = 'payment'
              AND (p.state #> '{payment,_0,returningMinor}' IS DISTINCT FROM to_jsonb(coalesce(r.returning, 0))
                OR p.state #> '{payment,_0,returnedMinor}' IS DISTINCT FROM to_jsonb(coalesce(r.returned, 0)))
            UNION ALL
            SELECT c.lifecycle_id || ' is of a payment that does not exist' FROM lifecycles c
            LEFT JOIN lifecycles p
              ON p.book_id = c.book_id AND p.lifecycle_id = c.parent AND p.kind = 'payment'
            WHERE c.book_id = $1 AND c.kind IN ('rail_refund', 'dispute') AND p.lifecycle_id IS NULL
            """
        ),
    ]
}
