import PostgresClient

/// An event that a worker has until its claim ends.
struct ClaimedEvent: Sendable {
    let event: InboundEvent
    let claim: Int64
    let triedSinceMs: Int64
    /// When another worker may take it, Unix milliseconds.
    let claimedUntilMs: Int64

    var key: EventKey { EventKey(source: event.source.rawValue, eventID: event.envelope.id) }
}

extension Inbox {
    /// Takes events that are due, oldest first, so that no other worker does until their claims end.
    ///
    /// - Parameter busy: objects whose events are left alone.
    func claim(
        limit: Int, busy: [String], policy: RetryPolicy
    ) async throws -> (events: [ClaimedEvent], unreadable: [Mark]) {
        let (bookID, now) = (bookID, clock())
        let rows = try await pool.run { connection in
            try connection.query(
                Self.take,
                [
                    .int8(bookID), .int8(now), .texts(busy), .int8(Int64(limit)), .int8(policy.leaseMs),
                    .int8(policy.pauseMaxMs),
                ]
            ).map(ClaimRow.init)
        }
        var events: [ClaimedEvent] = []
        var unreadable: [Mark] = []
        for row in rows {
            if let event = row.claimed {
                events.append(event)
            } else {
                // It was read when it was stored: the limits have become stricter since. An operator must look, and a
                // later version may read it.
                let reason = "the stored payload is no event by the rules of this version"
                unreadable.append(
                    Mark(
                        key: EventKey(source: row.source, eventID: row.eventID), claim: row.claim,
                        verdict: Verdict(status: .failed, nextAtMs: now + policy.failedPauseMs, reason: reason)))
            }
        }
        events.sort { ($0.event.envelope.createdMs, $0.key) < ($1.event.envelope.createdMs, $1.key) }
        return (events, unreadable)
    }

    private static let take = Statement(
        "take_inbox",
        """
        WITH due AS (
          SELECT source, event_id FROM inbox
          WHERE book_id = $1 AND status IN ('received', 'parked', 'failed') AND next_at_ms <= $2
            AND object_id <> ALL ($3::text[])
          ORDER BY book_id, next_at_ms LIMIT $4 FOR UPDATE SKIP LOCKED
        )
        UPDATE inbox SET claim = claim + 1, attempts = attempts + 1, tried_since_ms = coalesce(tried_since_ms, $2),
                         next_at_ms = $2 + least($5 * (attempts + 1), greatest($5, $6))
        FROM due
        WHERE inbox.book_id = $1 AND inbox.source = due.source AND inbox.event_id = due.event_id
        RETURNING inbox.source, inbox.event_id, account, payload, received_at_ms, claim, attempts, tried_since_ms,
                  next_at_ms
        """)
}

/// A row that was taken.
private struct ClaimRow: Sendable {
    let source: String
    let eventID: String
    let account: String
    let payload: [UInt8]
    let receivedAtMs: Int64
    let claim: Int64
    let attempts: Int64
    let triedSinceMs: Int64
    let claimedUntilMs: Int64

    init(_ row: Row) throws {
        source = try row.text(0)
        eventID = try row.text(1)
        account = try row.text(2)
        payload = try row.bytea(3)
        receivedAtMs = try row.int8(4)
        claim = try row.int8(5)
        attempts = try row.int8(6)
        triedSinceMs = try row.int8(7)
        claimedUntilMs = try row.int8(8)
    }

    var claimed: ClaimedEvent? {
        guard var envelope = try? EventEnvelope(parsing: payload) else { return nil }
        if envelope.account == nil, !account.isEmpty { envelope = envelope.of(account: account) }
        let event = InboundEvent(
            source: WebhookSource(rawValue: source), envelope: envelope, payload: payload, receivedAtMs: receivedAtMs,
            attempts: attempts)
        return ClaimedEvent(event: event, claim: claim, triedSinceMs: triedSinceMs, claimedUntilMs: claimedUntilMs)
    }
}
