import PostgresClient

extension WebhookStore {
    static let oneEndpoint = Statement(
        "webhook_endpoint",
        """
        SELECT endpoint_id, owner, url, event_types, status, disabled_reason, failures, failing_since_ms,
               created_at_ms, updated_at_ms
        FROM webhook_endpoints WHERE book_id = $1 AND endpoint_id = $2
        """)
    static let endpointsOf = Statement(
        "webhook_endpoints_of",
        """
        SELECT endpoint_id, owner, url, event_types, status, disabled_reason, failures, failing_since_ms,
               created_at_ms, updated_at_ms
        FROM webhook_endpoints WHERE book_id = $1 AND owner = $2 ORDER BY created_at_ms, endpoint_id
        """)
    static let allEndpoints = Statement(
        "webhook_endpoints",
        """
        SELECT endpoint_id, owner, url, event_types, status, disabled_reason, failures, failing_since_ms,
               created_at_ms, updated_at_ms
        FROM webhook_endpoints WHERE book_id = $1 ORDER BY created_at_ms, endpoint_id
        """)
    static let insertEndpoint = Statement(
        "webhook_insert_endpoint",
        """
        INSERT INTO webhook_endpoints
            (book_id, endpoint_id, owner, url, event_types, status, from_seq, created_at_ms, updated_at_ms)
        VALUES ($1, $2, $3, $4, $5, 'enabled', $6, $7, $7)
        """)
    static let changeEndpoint = Statement(
        "webhook_change_endpoint",
        """
        UPDATE webhook_endpoints SET url = $3, event_types = $4, updated_at_ms = $5
        WHERE book_id = $1 AND endpoint_id = $2
        """)
    /// It goes on where it was disabled.
    static let enableEndpoint = Statement(
        "webhook_enable_endpoint",
        """
        UPDATE webhook_endpoints SET status = 'enabled', disabled_reason = NULL, failures = 0,
            failing_since_ms = NULL, updated_at_ms = $3
        WHERE book_id = $1 AND endpoint_id = $2
        """)
    static let wakeDeliveries = Statement(
        "webhook_wake_deliveries",
        """
        UPDATE webhook_deliveries SET next_at_ms = $3
        WHERE book_id = $1 AND endpoint_id = $2 AND status = 'pending' AND claim = '' AND next_at_ms > $3
        """)
    static let deleteEndpoint = Statement(
        "webhook_delete_endpoint", "DELETE FROM webhook_endpoints WHERE book_id = $1 AND endpoint_id = $2")
    static let deleteSecrets = Statement(
        "webhook_delete_secrets", "DELETE FROM webhook_secrets WHERE book_id = $1 AND endpoint_id = $2")
    static let deleteDeliveries = Statement(
        "webhook_delete_deliveries", "DELETE FROM webhook_deliveries WHERE book_id = $1 AND endpoint_id = $2")

    static let insertSecret = Statement(
        "webhook_insert_secret",
        "INSERT INTO webhook_secrets (book_id, endpoint_id, number, secret) VALUES ($1, $2, $3, $4)")
    static let lockEndpoint = Statement(
        "webhook_lock_endpoint",
        """
        SELECT owner, failures, failing_since_ms, status FROM webhook_endpoints
        WHERE book_id = $1 AND endpoint_id = $2 FOR UPDATE
        """)
    static let expireSecrets = Statement(
        "webhook_expire_secrets",
        """
        UPDATE webhook_secrets SET expires_at_ms = least(expires_at_ms, $3)
        WHERE book_id = $1 AND endpoint_id = $2
        """)
    static let deleteExpiredSecrets = Statement(
        "webhook_delete_expired_secrets",
        "DELETE FROM webhook_secrets WHERE book_id = $1 AND endpoint_id = $2 AND expires_at_ms <= $3")
    static let secretNumbers = Statement(
        "webhook_secret_numbers",
        "SELECT number FROM webhook_secrets WHERE book_id = $1 AND endpoint_id = $2 ORDER BY number DESC")
    static let validSecrets = Statement(
        "webhook_valid_secrets",
        """
        SELECT endpoint_id, secret FROM webhook_secrets
        WHERE book_id = $1 AND endpoint_id = ANY ($2::text[]) AND (expires_at_ms IS NULL OR expires_at_ms > $3)
        ORDER BY endpoint_id, number DESC
        """)
}
