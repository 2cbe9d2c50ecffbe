import PostgresClient

extension WebhookStore {
    /// Endpoints that are well and those that are failing are asked for apart: each sort has its own slots.
    static let claimDue = Statement(
        "webhook_claim_due",
        """
        WITH busy (endpoint_id, count) AS (SELECT * FROM unnest($4::text[], $5::bigint[])),
        due AS (
            SELECT d.delivery_id, e.owner, e.url
            FROM webhook_endpoints e
            CROSS JOIN LATERAL (
                SELECT delivery_id, next_at_ms FROM webhook_deliveries
                WHERE book_id = $1 AND endpoint_id = e.endpoint_id AND status = 'pending' AND next_at_ms <= $3
                ORDER BY next_at_ms, seq
                LIMIT greatest(0, $6 - coalesce((SELECT count FROM busy b WHERE b.endpoint_id = e.endpoint_id), 0))
                FOR UPDATE SKIP LOCKED
            ) d
            WHERE e.book_id = $1 AND e.status = 'enabled' AND (e.failures > 0) = $2
            ORDER BY d.next_at_ms LIMIT $7
        )
        UPDATE webhook_deliveries d SET claim = $8, next_at_ms = $9
        FROM due
        WHERE d.book_id = $1 AND d.delivery_id = due.delivery_id
        RETURNING d.delivery_id, d.endpoint_id, due.owner, due.url, d.body, d.attempts, d.seq
        """)
    static let recordAttempt = Statement(
        "webhook_record_attempt",
        """
        UPDATE webhook_deliveries SET status = $4, attempts = $5, next_at_ms = $6, last_at_ms = $7, last_status = $8,
            last_error = $9, last_excerpt = $10, ended_at_ms = $11, claim = ''
        WHERE book_id = $1 AND delivery_id = $2 AND claim = $3 AND status = 'pending'
        """)
    static let setHealth = Statement(
        "webhook_set_health",
        """
        UPDATE webhook_endpoints SET failures = $3, failing_since_ms = $4 WHERE book_id = $1 AND endpoint_id = $2
        """)
    static let releaseDelivery = Statement(
        "webhook_release_delivery",
        """
        UPDATE webhook_deliveries SET claim = '', next_at_ms = $4
        WHERE book_id = $1 AND delivery_id = $2 AND claim = $3 AND status = 'pending'
        """)
    static let deleteEnded = Statement(
        "webhook_delete_ended",
        """
        DELETE FROM webhook_deliveries WHERE book_id = $1 AND delivery_id IN (
            SELECT delivery_id FROM webhook_deliveries WHERE book_id = $1 AND ended_at_ms < $2
            ORDER BY book_id, ended_at_ms LIMIT $3)
        """)
    /// Counts no further than a bound for each endpoint: a page of metrics must not read a backlog of days.
    static let figures = Statement(
        "webhook_figures",
        """
        SELECT coalesce(sum(p.count), 0)::bigint, min(p.oldest), count(*) FILTER (WHERE e.status = 'disabled')
        FROM webhook_endpoints e
        CROSS JOIN LATERAL (
            SELECT count(*) AS count, min(q.created_at_ms) AS oldest
            FROM (
                SELECT created_at_ms FROM webhook_deliveries
                WHERE book_id = $1 AND endpoint_id = e.endpoint_id AND status = 'pending'
                ORDER BY next_at_ms, seq LIMIT $2
            ) q
        ) p
        WHERE e.book_id = $1
        """)
}
