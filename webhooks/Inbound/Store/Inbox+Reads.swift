import PostgresClient

/// What an operator sees and does. All of it throws `PostgresError`.
extension Inbox {
    /// Rows of one page; more are not read at once.
    public static let pageMax = 1000
    /// Where counting ends: past it an exact number says nothing more, and takes longer.
    public static let countMax: Int64 = 100_000
    /// Rows that one call of ``prune(receivedBeforeMs:)`` deletes, so that its transaction stays short.
    public static let pruneMax = 1000

    /// The events of a status, oldest first.
    ///
    /// - Parameter limit: 1 to `pageMax`; what is past it is cut.
    public func list(_ status: InboxStatus, after cursor: InboxCursor? = nil, limit: Int = 100) async throws
        -> [InboxRow]
    {
        let bookID = bookID
        let rows = Int64(min(max(limit, 1), Self.pageMax))
        return try await pool.run { connection in
            try connection.query(
                Self.select,
                [
                    .int8(bookID), .text(status.rawValue), .int8(cursor?.receivedAtMs ?? .min),
                    .text(cursor?.source.rawValue ?? ""), .text(cursor?.eventID ?? ""), .int8(rows),
                ]
            ).map(InboxRow.init)
        }
    }

    /// The payload as it was received; nil for an event that is not stored.
    public func payload(_ eventID: String, from source: WebhookSource) async throws -> [UInt8]? {
        let bookID = bookID
        return try await pool.run { connection in
            try connection.query(
                Self.selectPayload, [.int8(bookID), .text(source.rawValue), .text(eventID)]
            ).first?.bytea(0)
        }
    }

    /// Makes an event due now, with three days of patience anew; also one that failed or was ignored. A worker that has
    /// it meanwhile has no say any more.
    ///
    /// - Returns: false when there is no such event, or it is done.
    public func retry(_ eventID: String, from source: WebhookSource) async throws -> Bool {
        let (bookID, now) = (bookID, clock())
        let changed = try await pool.run { connection in
            try connection.query(
                Self.reset, [.int8(bookID), .text(source.rawValue), .text(eventID), .int8(now)]
            ).affected
        }
        if changed > 0 { arrivals.signal() }
        return changed > 0
    }

    /// How many events are not at their end, by status, and how old the oldest is.
    public func counts() async throws -> [InboxCount] {
        let bookID = bookID
        return try await pool.run { connection in
            try InboxStatus.open.map { status in
                let row = try connection.query(
                    Self.count, [.int8(bookID), .text(status.rawValue), .int8(Self.countMax)]
                ).one()
                return InboxCount(status: status, count: try row.int8(0), oldestReceivedAtMs: try row.int8OrNil(1))
            }
        }
    }

    /// Deletes events that were stored before a time and are done or ignored, a thousand at most. Keep them for longer
    /// than their sender and the sweep would bring them again (30 days): what was deleted would be handled anew.
    ///
    /// - Returns: how many; call again while it is `pruneMax`.
    public func prune(receivedBeforeMs: Int64) async throws -> Int {
        let bookID = bookID
        return try await pool.run { connection in
            var deleted = 0
            for status in [InboxStatus.done, .ignored] where deleted < Self.pruneMax {
                deleted += try connection.query(
                    Self.delete,
                    [
                        .int8(bookID), .text(status.rawValue), .int8(receivedBeforeMs),
                        .int8(Int64(Self.pruneMax - deleted)),
                    ]
                ).affected
            }
            return deleted
        }
    }

    private static let select = Statement(
        "select_inbox",
        """
        SELECT source, event_id, event_type, object_id, account, received_at_ms, status, attempts, next_at_ms, reason
        FROM inbox
        WHERE book_id = $1 AND status = $2 AND received_at_ms >= $3
          AND (received_at_ms, source, event_id) > ($3, $4, $5)
        ORDER BY book_id, status, received_at_ms, source, event_id LIMIT $6
        """)
    private static let selectPayload = Statement(
        "select_inbox_payload",
        "SELECT payload FROM inbox WHERE book_id = $1 AND source = $2 AND event_id = $3")
    private static let reset = Statement(
        "retry_inbox",
        """
        UPDATE inbox SET status = 'received', next_at_ms = $4, claim = claim + 1, attempts = 0, tried_since_ms = NULL
        WHERE book_id = $1 AND source = $2 AND event_id = $3 AND status <> 'done'
        """)
    private static let count = Statement(
        "count_inbox",
        """
        SELECT count(*), min(received_at_ms) FROM (
          SELECT received_at_ms FROM inbox WHERE book_id = $1 AND status = $2
          ORDER BY book_id, status, received_at_ms LIMIT $3
        ) AS counted
        """)
    private static let delete = Statement(
        "prune_inbox",
        """
        DELETE FROM inbox WHERE book_id = $1 AND (source, event_id) IN (
          SELECT source, event_id FROM inbox
          WHERE book_id = $1 AND status = $2 AND received_at_ms < $3
          ORDER BY book_id, status, received_at_ms LIMIT $4
        )
        """)
}

extension InboxRow {
    fileprivate init(_ row: Row) throws {
        func text(_ column: Int) throws -> String? {
            let text = try row.text(column)
            return text.isEmpty ? nil : text
        }
        source = WebhookSource(rawValue: try row.text(0))
        eventID = try row.text(1)
        eventType = try row.text(2)
        objectID = try text(3)
        account = try text(4)
        receivedAtMs = try row.int8(5)
        let name = try row.text(6)
        guard let status = InboxStatus(rawValue: name) else {
            throw PostgresError(.decoding, "the inbox has an unknown status")
        }
        self.status = status
        attempts = try row.int8(7)
        nextAtMs = try row.int8(8)
        reason = try row.text(9)
    }
}
