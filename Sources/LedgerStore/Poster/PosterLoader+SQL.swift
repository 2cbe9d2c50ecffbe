import PostgresClient

/// Every statement looks keys up one by one by the index, whatever the planner thinks of the table's size: a subquery
/// with `OFFSET 0` is not merged into the outer query, so it cannot become the outer side of the loop. A plan made
/// while a table was empty would otherwise read all of it for every batch.
extension PosterLoader {
    static let outcomes = Statement(
        "load_outcomes",
        """
        SELECT o.caller, o.idempotency_key, o.request_hash, o.status, o.code, o.reference, o.body, o.time_ms
        FROM unnest($2::text[], $3::text[]) AS k (caller, idempotency_key)
        CROSS JOIN LATERAL (
            SELECT * FROM outcomes
            WHERE book_id = $1 AND caller = k.caller AND idempotency_key = k.idempotency_key OFFSET 0
        ) o
        """)

    /// An account's counters are those after its last posting.
    static let accounts = Statement(
        "load_accounts",
        """
        SELECT a.account_id, a.owner, a.kind, a.detail, a.currency,
               coalesce(p.posted_debits, 0), coalesce(p.posted_credits, 0),
               coalesce(p.pending_debits, 0), coalesce(p.pending_credits, 0)
        FROM unnest($2::text[], $3::text[]) AS k (owner, currency)
        CROSS JOIN LATERAL (
            SELECT * FROM accounts WHERE book_id = $1 AND owner = k.owner AND currency = k.currency OFFSET 0
        ) a
        LEFT JOIN LATERAL (
            SELECT posted_debits, posted_credits, pending_debits, pending_credits
            FROM postings
            WHERE book_id = $1 AND account_id = a.account_id
            ORDER BY book_id DESC, account_id DESC, seq DESC, side DESC
            LIMIT 1
        ) p ON true
        """)

    static let restrictions = Statement(
        "load_restrictions",
        """
        SELECT r.did, r.is_frozen FROM unnest($2::text[]) AS k (did)
        CROSS JOIN LATERAL (SELECT * FROM restrictions WHERE book_id = $1 AND did = k.did OFFSET 0) r
        """)

    static let heldBack = Statement(
        "load_held_back",
        """
        SELECT h.did, h.currency, h.amount FROM unnest($2::text[]) AS k (did)
        CROSS JOIN LATERAL (SELECT * FROM held_back WHERE book_id = $1 AND did = k.did OFFSET 0) h
        """)

    static let manifestOwners = Statement(
        "load_manifest_owners",
        """
        SELECT m.manifest_id, m.signer FROM unnest($2::text[]) AS k (manifest_id)
        CROSS JOIN LATERAL (
            SELECT * FROM manifest_owners WHERE book_id = $1 AND manifest_id = k.manifest_id OFFSET 0
        ) m
        """)

    static let customers = Statement(
        "load_customers",
        """
        SELECT c.payer, c.service FROM unnest($2::text[], $3::text[]) AS k (payer, service)
        CROSS JOIN LATERAL (
            SELECT * FROM customers WHERE book_id = $1 AND payer = k.payer AND service = k.service OFFSET 0
        ) c
        """)

    static let allowances = Statement(
        "load_allowances",
        """
        SELECT a.payer, a.service, a.currency, a.max_amount, a.per_day, a.not_after_ms, a.spent_day, a.spent
        FROM unnest($2::text[], $3::text[], $4::text[]) AS k (payer, service, currency)
        CROSS JOIN LATERAL (
            SELECT * FROM allowances
            WHERE book_id = $1 AND payer = k.payer AND service = k.service AND currency = k.currency OFFSET 0
        ) a
        """)

    static let authorizations = Statement(
        "load_authorizations",
        """
        SELECT a.payer, a.nonce FROM unnest($2::text[], $3::text[]) AS k (payer, nonce)
        CROSS JOIN LATERAL (
            SELECT * FROM authorizations WHERE book_id = $1 AND payer = k.payer AND nonce = k.nonce OFFSET 0
        ) a
        """)

    static let refundedTotals = Statement(
        "load_refunded_totals",
        """
        SELECT s.settlement_id, coalesce(r.refunded_total, 0)
        FROM unnest($2::text[]) AS k (settlement_id)
        CROSS JOIN LATERAL (
            SELECT * FROM settlements WHERE book_id = $1 AND settlement_id = k.settlement_id OFFSET 0
        ) s
        LEFT JOIN LATERAL (
            SELECT refunded_total FROM refunds
            WHERE book_id = $1 AND settlement_id = s.settlement_id
            ORDER BY book_id DESC, settlement_id DESC, refunded_total DESC LIMIT 1
        ) r ON true
        """)

    static let holds = Statement(
        "load_holds",
        """
        SELECT h.hold_id, h.from_owner, h.from_kind, h.from_detail, h.to_owner, h.to_kind, h.to_detail, h.currency,
               h.amount, h.expires_at_ms, h.status, h.posted, h.made_seq, h.ended_seq
        FROM unnest($2::text[]) AS k (hold_id)
        CROSS JOIN LATERAL (SELECT * FROM holds WHERE book_id = $1 AND hold_id = k.hold_id OFFSET 0) h
        """)

    static let lifecycles = Statement(
        "load_lifecycles",
        """
        SELECT l.state::text, l.version, l.made_at_ms, l.changed_at_ms
        FROM unnest($2::text[]) AS k (lifecycle_id)
        CROSS JOIN LATERAL (SELECT * FROM lifecycles WHERE book_id = $1 AND lifecycle_id = k.lifecycle_id OFFSET 0) l
        """)

    static let gasTimes = Statement(
        "load_gas_times",
        """
        SELECT g.cluster, g.recipient, g.time_ms
        FROM unnest($2::text[], $3::text[]) AS k (cluster, recipient)
        CROSS JOIN LATERAL (
            SELECT * FROM gas_messages
            WHERE book_id = $1 AND cluster = k.cluster AND recipient = k.recipient AND time_ms > $4 OFFSET 0
        ) g
        ORDER BY g.time_ms
        """)

    static let gasRules = Statement(
        "load_gas_rules",
        """
        SELECT k.cluster, k.recipient, s.standing, l.per_day_max
        FROM unnest($2::text[], $3::text[]) AS k (cluster, recipient)
        LEFT JOIN gas_standings s ON s.book_id = $1 AND s.recipient = k.recipient AND s.sender = k.cluster
        LEFT JOIN gas_limits l ON l.book_id = $1 AND l.recipient = k.recipient
        """)
}
