import PostgresClient

extension PosterLoader {
    static let outcomes = Statement(
        "load_outcomes",
        """
        SELECT o.caller, o.idempotency_key, o.request_hash, o.status, o.code, o.reference, o.body, o.time_ms
        FROM unnest($2::text[], $3::text[]) AS k (caller, idempotency_key)
        JOIN outcomes o ON o.book_id = $1 AND o.caller = k.caller AND o.idempotency_key = k.idempotency_key
        """)

    /// An account's counters are those after its last posting.
    static let accounts = Statement(
        "load_accounts",
        """
        SELECT a.account_id, a.owner, a.kind, a.detail, a.currency,
               coalesce(p.posted_debits, 0), coalesce(p.posted_credits, 0),
               coalesce(p.pending_debits, 0), coalesce(p.pending_credits, 0)
        FROM unnest($2::text[], $3::text[]) AS k (owner, currency)
        JOIN accounts a ON a.book_id = $1 AND a.owner = k.owner AND a.currency = k.currency
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
        JOIN restrictions r ON r.book_id = $1 AND r.did = k.did
        """)

    static let heldBack = Statement(
        "load_held_back",
        """
        SELECT h.did, h.currency, h.amount FROM unnest($2::text[]) AS k (did)
        JOIN held_back h ON h.book_id = $1 AND h.did = k.did
        """)

    static let manifestOwners = Statement(
        "load_manifest_owners",
        """
        SELECT m.manifest_id, m.signer FROM unnest($2::text[]) AS k (manifest_id)
        JOIN manifest_owners m ON m.book_id = $1 AND m.manifest_id = k.manifest_id
        """)

    static let customers = Statement(
        "load_customers",
        """
        SELECT c.payer, c.service FROM unnest($2::text[], $3::text[]) AS k (payer, service)
        JOIN customers c ON c.book_id = $1 AND c.payer = k.payer AND c.service = k.service
        """)

    static let allowances = Statement(
        "load_allowances",
        """
        SELECT a.payer, a.service, a.currency, a.max_amount, a.per_day, a.not_after_ms, a.spent_day, a.spent
        FROM unnest($2::text[], $3::text[], $4::text[]) AS k (payer, service, currency)
        JOIN allowances a
          ON a.book_id = $1 AND a.payer = k.payer AND a.service = k.service AND a.currency = k.currency
        """)

    static let authorizations = Statement(
        "load_authorizations",
        """
        SELECT a.payer, a.nonce FROM unnest($2::text[], $3::text[]) AS k (payer, nonce)
        JOIN authorizations a ON a.book_id = $1 AND a.payer = k.payer AND a.nonce = k.nonce
        """)

    static let refundedTotals = Statement(
        "load_refunded_totals",
        """
        SELECT s.settlement_id, coalesce(r.refunded_total, 0)
        FROM unnest($2::text[]) AS k (settlement_id)
        JOIN settlements s ON s.book_id = $1 AND s.settlement_id = k.settlement_id
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
        JOIN holds h ON h.book_id = $1 AND h.hold_id = k.hold_id
        """)

    static let gasTimes = Statement(
        "load_gas_times",
        """
        SELECT g.cluster, g.recipient, g.time_ms
        FROM unnest($2::text[], $3::text[]) AS k (cluster, recipient)
        JOIN gas_messages g
          ON g.book_id = $1 AND g.cluster = k.cluster AND g.recipient = k.recipient AND g.time_ms > $4
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
