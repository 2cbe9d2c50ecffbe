public import Cryptography
public import PostgresClient

/// Where a page of deliveries ended.
public struct DeliveryCursor: Hashable, Sendable {
    /// Of the last one on it, milliseconds since 1970.
    public let createdAtMs: Int64
    /// Its id.
    public let id: String

    /// A cursor.
    public init(createdAtMs: Int64, id: String) {
        self.createdAtMs = createdAtMs
        self.id = id
    }
}

/// What became of a wish to have something delivered.
public enum RedeliveryResult: Hashable, Sendable {
    /// It is due now, with all its attempts before it.
    case done(WebhookDelivery)
    /// No such delivery or endpoint of that owner.
    case unknown
    /// Its endpoint is disabled.
    case disabled
}

extension WebhookStore {
    /// Deliveries of an endpoint, newest first.
    /// - Parameter status: only those; nil: all.
    public func deliveries(
        of endpoint: String, status: WebhookDelivery.Status? = nil, before cursor: DeliveryCursor? = nil, limit: Int
    ) async throws(PostgresError) -> [WebhookDelivery] {
        let bookID = bookID
        return try await run { connection in
            try connection.query(
                Self.deliveriesBefore,
                [
                    .int8(bookID), .text(endpoint), .text(status?.rawValue), .int8(cursor?.createdAtMs ?? .max),
                    .text(cursor?.id ?? ""), .int8(Int64(limit)),
                ]
            ).map(WebhookDelivery.init)
        }
    }

    /// Has a delivery tried again from the beginning, at once, whatever became of it.
    /// - Parameter owner: of its endpoint; nil: whoever's it is.
    public func redeliver(_ id: String, of owner: DID?, nowMs: Int64) async throws(PostgresError) -> RedeliveryResult {
        let bookID = bookID
        return try await transaction { connection in
            guard let delivery = try Self.delivery(id, bookID, on: connection),
                let endpoint = try Self.endpoint(delivery.endpointID, bookID, on: connection),
                owner == nil || endpoint.owner == owner
            else { return .unknown }
            guard endpoint.status == .enabled else { return .disabled }
            try connection.query(Self.redeliver, [.int8(bookID), .text(id), .int8(nowMs)])
            guard let after = try Self.delivery(id, bookID, on: connection) else { return .unknown }
            return .done(after)
        }
    }

    /// Failed deliveries to enabled endpoints that were made at `sinceMs` or later, oldest first.
    /// - Parameter endpoint: only that one's; nil: all.
    public func failedDeliveries(
        endpoint: String?, sinceMs: Int64, limit: Int
    ) async throws(PostgresError) -> [String] {
        let bookID = bookID
        return try await run { connection in
            try connection.query(
                Self.failedSince, [.int8(bookID), .text(endpoint), .int8(sinceMs), .int8(Int64(limit))]
            ).map { try $0.text(0) }
        }
    }

    /// Has a `webhook.test` event delivered.
    /// - Parameter id: the delivery's, new.
    public func test(
        _ endpointID: String, of owner: DID, deliveryID id: String, nowMs: Int64
    ) async throws(PostgresError) -> RedeliveryResult {
        let bookID = bookID
        return try await transaction { connection in
            guard let endpoint = try Self.endpoint(endpointID, bookID, on: connection), endpoint.owner == owner
            else { return .unknown }
            guard endpoint.status == .enabled else { return .disabled }
            var rows = DeliveryRows()
            rows.add(
                id: id, endpoint: endpointID, seq: 0, type: EventType.test,
                body: NoticeBody.test(endpoint: endpointID, nowMs: nowMs))
            _ = try rows.insert(bookID: bookID, nowMs: nowMs, on: connection)
            guard let made = try Self.delivery(id, bookID, on: connection) else { return .unknown }
            return .done(made)
        }
    }

    static func delivery(_ id: String, _ bookID: Int64, on connection: Connection) throws -> WebhookDelivery? {
        try connection.query(oneDelivery, [.int8(bookID), .text(id)]).first.map(WebhookDelivery.init)
    }

    private static let oneDelivery = Statement(
        "webhook_delivery",
        """
        SELECT delivery_id, endpoint_id, seq, type, status, attempts, created_at_ms, next_at_ms, last_at_ms,
               last_status, last_error, last_excerpt
        FROM webhook_deliveries WHERE book_id = $1 AND delivery_id = $2
        """)
    private static let deliveriesBefore = Statement(
        "webhook_deliveries",
        """
        SELECT delivery_id, endpoint_id, seq, type, status, attempts, created_at_ms, next_at_ms, last_at_ms,
               last_status, last_error, last_excerpt
        FROM webhook_deliveries
        WHERE book_id = $1 AND endpoint_id = $2 AND ($3 IS NULL OR status = $3)
          AND (created_at_ms, delivery_id) < ($4, $5)
        ORDER BY book_id DESC, endpoint_id DESC, created_at_ms DESC, delivery_id DESC LIMIT $6
        """)
    private static let redeliver = Statement(
        "webhook_redeliver",
        """
        UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_at_ms = $3, claim = '', ended_at_ms = NULL
        WHERE book_id = $1 AND delivery_id = $2
        """)
    private static let failedSince = Statement(
        "webhook_failed_since",
        """
        SELECT d.delivery_id FROM webhook_endpoints e
        JOIN webhook_deliveries d ON d.book_id = $1 AND d.endpoint_id = e.endpoint_id
        WHERE e.book_id = $1 AND e.status = 'enabled' AND ($2 IS NULL OR e.endpoint_id = $2)
          AND d.created_at_ms >= $3 AND d.status = 'failed'
        ORDER BY d.created_at_ms, d.delivery_id LIMIT $4
        """)
}

extension WebhookDelivery {
    /// The columns of the statements above.
    init(_ row: Row) throws {
        guard let status = Status(rawValue: try row.text(4)) else {
            throw PostgresError(.decoding, "the status of a webhook delivery is unknown to this version")
        }
        let seq = try row.int8(2)
        let last = try row.int8OrNil(8).map { atMs in
            LastAttempt(
                atMs: atMs, status: try row.int4OrNil(9).map(Int.init), error: try row.textOrNil(10),
                excerpt: try row.textOrNil(11) ?? "")
        }
        self.init(
            id: try row.text(0), endpointID: try row.text(1), seq: seq == 0 ? nil : seq, type: try row.text(3),
            status: status, attempts: Int(try row.int4(5)), createdAtMs: try row.int8(6),
            nextAtMs: status == .pending ? try row.int8(7) : nil, last: last)
    }
}
