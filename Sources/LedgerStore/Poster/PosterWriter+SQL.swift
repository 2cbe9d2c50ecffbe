import PostgresClient

extension PosterWriter {
    static let advance = Statement(
        "advance_book",
        """
        WITH advanced AS (
            UPDATE books
            SET head_seq = $4, head_hash = $5, head_time_ms = $6, next_account_id = $7,
                lease_until = now() + interval '1 millisecond' * $8
            WHERE book_id = $1 AND epoch = $2 AND head_seq = $3
            RETURNING 1
        )
        SELECT 1 / count(*) FROM advanced
        """)

    static let insertAccounts = Statement(
        "insert_accounts",
        """
        INSERT INTO accounts (book_id, account_id, owner, currency, kind, detail)
        SELECT $1, v.account_id, v.owner, v.currency, v.kind, v.detail
        FROM unnest($2::int8[], $3::text[], $4::text[], $5::text[], $6::text[])
            AS v (account_id, owner, currency, kind, detail)
        """)

    static let insertEntries = Statement(
        "insert_entries",
        """
        INSERT INTO entries (book_id, seq, time_ms, effective_on, cause_kind, cause_id, body, hash)
        SELECT $1, v.seq, v.time_ms, v.effective_on, v.cause_kind, v.cause_id, v.body, v.hash
        FROM unnest($2::int8[], $3::int8[], $4::int8[], $5::text[], $6::text[], $7::bytea[], $8::bytea[])
            AS v (seq, time_ms, effective_on, cause_kind, cause_id, body, hash)
        """)

    static let insertPostings = Statement(
        "insert_postings",
        """
        INSERT INTO postings (book_id, account_id, seq, side, amount, posted_debits, posted_credits,
            pending_debits, pending_credits)
        SELECT $1, v.account_id, v.seq, v.side, v.amount, v.posted_debits, v.posted_credits, v.pending_debits,
            v.pending_credits
        FROM unnest($2::int8[], $3::int8[], $4::int2[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],
            $9::int8[])
            AS v (account_id, seq, side, amount, posted_debits, posted_credits, pending_debits, pending_credits)
        """)

    static let insertOutcomes = Statement(
        "insert_outcomes",
        """
        INSERT INTO outcomes (book_id, caller, idempotency_key, request_hash, status, code, reference, body,
            time_ms)
        SELECT $1, v.caller, v.idempotency_key, v.request_hash, v.status, v.code, v.reference, v.body, v.time_ms
        FROM unnest($2::text[], $3::text[], $4::bytea[], $5::int2[], $6::text[], $7::text[], $8::bytea[],
            $9::int8[])
            AS v (caller, idempotency_key, request_hash, status, code, reference, body, time_ms)
        """)

    static let insertSettlements = Statement(
        "insert_settlements",
        """
        INSERT INTO settlements (book_id, settlement_id, entry_seq, payer, gross, credit, currency, service,
            type, manifest_cid, caller, idempotency_key, metadata, time_ms)
        SELECT $1, v.settlement_id, v.entry_seq, v.payer, v.gross, v.credit, v.currency, v.service, v.type,
            v.manifest_cid, v.caller, v.idempotency_key, v.metadata, v.time_ms
        FROM unnest($2::text[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[], $14::int8[])
            AS v (settlement_id, entry_seq, payer, gross, credit, currency, service, type, manifest_cid,
            caller, idempotency_key, metadata, time_ms)
        """)

    static let insertRefunds = Statement(
        "insert_refunds",
        """
        INSERT INTO refunds (book_id, refund_id, settlement_id, entry_seq, amount, refunded_total, reason,
            caller, idempotency_key, time_ms)
        SELECT $1, v.refund_id, v.settlement_id, v.entry_seq, v.amount, v.refunded_total, v.reason, v.caller,
            v.idempotency_key, v.time_ms
        FROM unnest($2::text[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::text[], $8::text[],
            $9::text[], $10::int8[])
            AS v (refund_id, settlement_id, entry_seq, amount, refunded_total, reason, caller, idempotency_key,
            time_ms)
        """)

    static let insertManifests = Statement(
        "insert_manifests",
        """
        INSERT INTO manifests (book_id, cid, manifest_id, signer, json, time_ms)
        SELECT $1, v.cid, v.manifest_id, v.signer, v.json, $6
        FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) AS v (cid, manifest_id, signer, json)
        ON CONFLICT (book_id, cid) DO NOTHING
        """)

    static let insertManifestOwners = Statement(
        "insert_manifest_owners",
        """
        INSERT INTO manifest_owners (book_id, manifest_id, signer)
        SELECT $1, v.manifest_id, v.signer
        FROM unnest($2::text[], $3::text[])
            AS v (manifest_id, signer)
        ON CONFLICT (book_id, manifest_id) DO NOTHING
        """)

    static let insertOutbox = Statement(
        "insert_outbox",
        """
        INSERT INTO outbox (book_id, seq, ordinal, topic, payload)
        SELECT $1, v.seq, v.ordinal, v.topic, v.payload
        FROM unnest($2::int8[], $3::int2[], $4::text[], $5::bytea[])
            AS v (seq, ordinal, topic, payload)
        """)

    static let insertCustomers = Statement(
        "insert_customers",
        """
        INSERT INTO customers (book_id, payer, service)
        SELECT $1, v.payer, v.service
        FROM unnest($2::text[], $3::text[])
            AS v (payer, service)
        ON CONFLICT (book_id, payer, service) DO NOTHING
        """)
}
