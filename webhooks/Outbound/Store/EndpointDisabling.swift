import PostgresClient

/// Ends deliveries to an endpoint, with a notice, inside the transaction of whatever ended them.
struct EndpointDisabling {
    let bookID: Int64
    let nowMs: Int64
    /// Who decided, for the audit log.
    var actor = "node"

    /// Disables an endpoint that is enabled; another one stays as it is.
    ///
    /// Its owner's other endpoints are told, and a line of the audit log says why.
    /// - Parameter behindSeq: what came after this entry was not written for it; nil: where the cursor stands.
    /// - Returns: whether it was enabled.
    @discardableResult
    func disable(
        _ endpointID: String, _ reason: WebhookEndpoint.DisabledReason, behindSeq: Int64? = nil,
        on connection: Connection
    ) throws -> Bool {
        let rows = try connection.query(
            Self.disable,
            [.int8(bookID), .text(endpointID), .text(reason.rawValue), .int8(nowMs), .int8(behindSeq)])
        guard let row = rows.first else { return false }
        let (owner, url) = (try row.text(0), try row.text(1))
        try connection.query(
            Self.audit,
            [
                .int8(bookID), .text("webhook-\(endpointID)-disabled-\(nowMs)"), .int8(nowMs), .text(actor),
                .text("webhook_disabled"), .text(endpointID), .text(reason.rawValue),
            ])
        try tell(owner, endpointID, url, reason, on: connection)
        return true
    }

    private func tell(
        _ owner: String, _ endpointID: String, _ url: String, _ reason: WebhookEndpoint.DisabledReason,
        on connection: Connection
    ) throws {
        guard reason != .ownerNotAllowed else { return }
        let body = NoticeBody.disabled(endpoint: endpointID, url: url, reason: reason, nowMs: nowMs)
        var rows = DeliveryRows()
        for row in try connection.query(Self.others, [.int8(bookID), .text(owner), .text(endpointID)]) {
            let other = try row.text(0)
            rows.add(
                id: WebhookDelivery.id(endpoint: "\(other)/\(endpointID)", seq: nowMs), endpoint: other, seq: 0,
                type: EventType.endpointDisabled, body: body)
        }
        _ = try rows.insert(bookID: bookID, nowMs: nowMs, on: connection)
    }

    /// An endpoint that was behind already stays behind as far as it was. One that reads the cursor while a feed moves
    /// it stands further back than it must: what is written twice is one row.
    private static let disable = Statement(
        "webhook_disable_endpoint",
        """
        UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = $3, updated_at_ms = $4,
            behind_seq = least(
                behind_seq, coalesce($5, (SELECT seq FROM webhook_cursors WHERE book_id = $1)))
        WHERE book_id = $1 AND endpoint_id = $2 AND status = 'enabled'
        RETURNING owner, url
        """)
    private static let others = Statement(
        "webhook_other_endpoints",
        """
        SELECT endpoint_id FROM webhook_endpoints
        WHERE book_id = $1 AND owner = $2 AND endpoint_id <> $3 AND status = 'enabled'
        """)
    static let audit = Statement(
        "webhook_audit",
        """
        INSERT INTO audit_log (book_id, audit_id, time_ms, actor, action, subject, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (book_id, audit_id) DO NOTHING
        """)
}
