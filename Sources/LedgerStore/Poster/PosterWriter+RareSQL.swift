import PostgresClient

extension PosterWriter {
    static let upsertAllowances = Statement(
        "upsert_allowances",
        """
        INSERT INTO allowances (book_id, payer, service, currency, max_amount, per_day, not_after_ms,
            spent_day, spent)
        SELECT $1, v.payer, v.service, v.currency, v.max_amount, v.per_day, v.not_after_ms, v.spent_day, v.spent
        FROM unnest($2::text[], $3::text[], $4::text[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],
            $9::int8[])
            AS v (payer, service, currency, max_amount, per_day, not_after_ms, spent_day, spent)
        ON CONFLICT (book_id, payer, service, currency) DO UPDATE
            SET max_amount = excluded.max_amount, per_day = excluded.per_day, not_after_ms = excluded.not_after_ms,
                spent_day = excluded.spent_day, spent = excluded.spent
        """)

    static let insertAuthorizations = Statement(
        "insert_authorizations",
        """
        INSERT INTO authorizations (book_id, payer, nonce, not_after_ms)
        SELECT $1, v.payer, v.nonce, v.not_after_ms
        FROM unnest($2::text[], $3::text[], $4::int8[])
            AS v (payer, nonce, not_after_ms)
        """)

    static let insertConsents = Statement(
        "insert_consents",
        """
        INSERT INTO consents (book_id, settlement_id, payer, token, time_ms)
        SELECT $1, v.settlement_id, v.payer, v.token, v.time_ms
        FROM unnest($2::text[], $3::text[], $4::text[], $5::int8[]) AS v (settlement_id, payer, token, time_ms)
        """)

    static let upsertHolds = Statement(
        "upsert_holds",
        """
        INSERT INTO holds (book_id, hold_id, from_owner, from_kind, from_detail, to_owner, to_kind, to_detail,
            currency, amount, expires_at_ms, status, posted, made_seq, ended_seq)
        SELECT $1, v.hold_id, v.from_owner, v.from_kind, v.from_detail, v.to_owner, v.to_kind, v.to_detail,
            v.currency, v.amount, v.expires_at_ms, v.status, v.posted, v.made_seq, v.ended_seq
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::int8[], $11::int8[], $12::text[], $13::int8[], $14::int8[], $15::int8[])
            AS v (hold_id, from_owner, from_kind, from_detail, to_owner, to_kind, to_detail, currency, amount,
            expires_at_ms, status, posted, made_seq, ended_seq)
        ON CONFLICT (book_id, hold_id) DO UPDATE
            SET status = excluded.status, posted = excluded.posted, ended_seq = excluded.ended_seq
            WHERE holds.status = 'pending'
        """)

    static let insertGasMessages = Statement(
        "insert_gas_messages",
        """
        INSERT INTO gas_messages (book_id, cluster, recipient, time_ms, charge_id, sender, amount)
        SELECT $1, v.cluster, v.recipient, v.time_ms, v.charge_id, v.sender, v.amount
        FROM unnest($2::text[], $3::text[], $4::int8[], $5::text[], $6::text[], $7::int8[])
            AS v (cluster, recipient, time_ms, charge_id, sender, amount)
        """)

    static let upsertRestriction = Statement(
        "upsert_restriction",
        """
        INSERT INTO restrictions (book_id, did, is_frozen) VALUES ($1, $2, $3)
        ON CONFLICT (book_id, did) DO UPDATE SET is_frozen = excluded.is_frozen
        """)

    static let upsertHeldBack = Statement(
        "upsert_held_back",
        """
        INSERT INTO held_back (book_id, did, currency, amount) VALUES ($1, $2, $3, $4)
        ON CONFLICT (book_id, did, currency) DO UPDATE SET amount = excluded.amount
        """)

    static let insertAudit = Statement(
        "insert_audit",
        """
        INSERT INTO audit_log (book_id, audit_id, time_ms, actor, action, subject, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """)

    static let insertIntentAnswers = Statement(
        "insert_intent_answers",
        """
        INSERT INTO intent_answers (book_id, intent_id, decisions, made_at)
        SELECT $1, v.intent_id, v.decisions, now()
        FROM unnest($2::text[], $3::bytea[]) AS v (intent_id, decisions)
        ON CONFLICT (book_id, intent_id) DO NOTHING
        """)

    static let deleteIntents = Statement(
        "delete_intents", "DELETE FROM intents WHERE book_id = $1 AND intent_id = ANY ($2::text[])")
}
