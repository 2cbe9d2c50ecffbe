import Cryptography
import Kernel
import PostgresClient

/// One turn of the feed, inside its transaction.
struct FeedWriter: Sendable {
    let bookID: Int64
    let bookName: String
    let access: @Sendable (DID) -> WebhookAccess?
    let nowMs: Int64
    let entriesMax: Int

    /// Rows of a turn, at most, where more than one entry is taken.
    private static let rowsMax = 1000
    /// Deliveries that are kept waiting for one endpoint. One that takes no more falls behind, at no cost, whatever
    /// happens in the book: it is fed again when fewer than ``roomBelow`` wait.
    static let waitingMax: Int64 = 1000
    static let roomBelow: Int64 = 500
    /// One that is behind and has no room is fed a single entry now and then all the same, so that a receiver which is
    /// back is noticed although every older delivery has a long pause before it.
    static let probeEveryMs: Int64 = 300_000

    /// Whom to tell, and how much.
    struct Audience {
        let endpointID: String
        let owner: String
        let subscriptions: [EventSubscription]
        let fromSeq: Int64
        let access: WebhookAccess

        /// Whether the event is for this endpoint.
        func isTold(of event: LedgerEvent) -> Bool {
            event.seq > fromSeq && (access == .all || event.creator == owner) && includes(event.type)
        }

        func includes(_ type: String) -> Bool { subscriptions.contains { $0.includes(type) } }
    }

    /// Takes the turn.
    func advance(on connection: Connection) throws -> EventFeed.Step {
        // Somebody else's turn, or a registration: there is another turn in a moment.
        guard let row = try connection.query(Self.tryCursor, [.int8(bookID)]).first else { return EventFeed.Step() }
        let cursor = try row.int8(0)
        let inStep = try audiencesInStep(cursor: cursor, on: connection)
        guard !inStep.isEmpty else { return try catchUp(until: cursor, on: connection) }
        let head = try connection.query(WebhookStore.head, [.int8(bookID)]).one().int8(0)
        // Nobody is told of what came before the oldest of them.
        let start = max(cursor, inStep.map(\.fromSeq).min() ?? cursor)
        let reader = JournalReader(bookID: bookID)
        let limit = max(1, min(entriesMax, Self.rowsMax / inStep.count))
        let lines = try reader.lines(after: start, until: head, limit: limit, on: connection)
        var step = EventFeed.Step()
        step.deliveries = try write(lines, for: inStep, reader, on: connection)
        let end = lines.last?.entry.seq ?? start
        if end > cursor {
            let moved = try connection.query(
                Self.moveCursor, [.int8(bookID), .int8(cursor), .int8(end), .int8(nowMs)])
            guard moved.affected == 1 else { throw PostgresError(.decoding, "the cursor of the webhooks was moved") }
        }
        step.entriesBehind = head - end
        step.hasMore = !lines.isEmpty && end < head
        if !step.hasMore { step.hasMore = try catchUp(until: end, on: connection).hasMore }
        return step
    }

    /// Writes a part of what the endpoint furthest behind has not got, up to the cursor: there it is in step.
    private func catchUp(until cursor: Int64, on connection: Connection) throws -> EventFeed.Step {
        let due = try connection.query(
            Self.behind, [.int8(bookID), .int8(Self.roomBelow), .int8(nowMs - Self.probeEveryMs)])
        guard let row = due.first else { return EventFeed.Step() }
        let (endpointID, from, waiting) = (try row.text(3), try row.int8(4), try row.int8(5))
        var step = EventFeed.Step(hasMore: true)
        guard let audience = try audience(row, cursor: from, on: connection) else { return step }
        let reader = JournalReader(bookID: bookID)
        let lines = try reader.lines(
            after: from, until: cursor, limit: waiting < Self.roomBelow ? entriesMax : 1, on: connection)
        step.deliveries = try write(lines, for: [audience], reader, on: connection)
        let end = lines.last?.entry.seq ?? cursor
        try connection.query(
            Self.moveBehind,
            [
                .int8(bookID), .text(endpointID), .int8(end < cursor ? end : nil),
                .int8(step.deliveries > 0 ? nowMs : nil),
            ])
        return step
    }

    /// Writes the deliveries of entries. What was written before stays as it is.
    private func write(
        _ lines: [JournalReader.Line], for audiences: [Audience], _ reader: JournalReader, on connection: Connection
    ) throws -> Int {
        let wanted = lines.filter { line in
            let type = EventType.named(forKind: line.entry.cause.kind)
            return audiences.contains { $0.includes(type) }
        }
        guard !wanted.isEmpty else { return 0 }
        var rows = DeliveryRows()
        for event in try reader.events(wanted, on: connection) {
            var whole: [UInt8]?
            for audience in audiences where audience.isTold(of: event) {
                let body: [UInt8]
                switch audience.access {
                case .all:
                    body = whole ?? event.body(book: bookName, reader: nil)
                    whole = body
                case .own: body = event.body(book: bookName, reader: audience.owner)
                }
                rows.add(
                    id: WebhookDelivery.id(endpoint: audience.endpointID, seq: event.seq),
                    endpoint: audience.endpointID, seq: event.seq, type: event.type, body: body)
            }
        }
        return try rows.insert(bookID: bookID, nowMs: nowMs, on: connection)
    }

    /// Whom to tell of what comes after the cursor. One for which too much waits falls behind here.
    private func audiencesInStep(cursor: Int64, on connection: Connection) throws -> [Audience] {
        var audiences: [Audience] = []
        for row in try connection.query(Self.inStep, [.int8(bookID), .int8(Self.waitingMax)]) {
            guard let audience = try audience(row, cursor: cursor, on: connection) else { continue }
            if try row.int8(4) >= Self.waitingMax {
                try connection.query(
                    Self.moveBehind, [.int8(bookID), .text(audience.endpointID), .int8(cursor), .int8(nowMs)])
            } else {
                audiences.append(audience)
            }
        }
        return audiences
    }

    /// Who an endpoint's owner is now. One that may no longer call is disabled here, where the feed stands, so that
    /// nothing is lost should it be let in again.
    private func audience(_ row: Row, cursor: Int64, on connection: Connection) throws -> Audience? {
        let (owner, types, endpointID) = (try row.text(0), try row.text(1), try row.text(3))
        guard let access = access(try DID(owner)) else {
            try EndpointDisabling(bookID: bookID, nowMs: nowMs)
                .disable(endpointID, .ownerNotAllowed, behindSeq: cursor, on: connection)
            return nil
        }
        return Audience(
            endpointID: endpointID, owner: owner, subscriptions: EventSubscription.list(stored: types),
            fromSeq: try row.int8(2), access: access)
    }

    private static let tryCursor = Statement(
        "webhook_try_cursor", "SELECT seq FROM webhook_cursors WHERE book_id = $1 FOR UPDATE SKIP LOCKED")
    private static let moveCursor = Statement(
        "webhook_move_cursor",
        "UPDATE webhook_cursors SET seq = $3, moved_at_ms = $4 WHERE book_id = $1 AND seq = $2")
    /// Deliveries that wait are counted no further than $2.
    private static let inStep = Statement(
        "webhook_endpoints_in_step",
        """
        SELECT owner, event_types, from_seq, endpoint_id,
               (SELECT count(*) FROM (
                   SELECT FROM webhook_deliveries d
                   WHERE d.book_id = $1 AND d.endpoint_id = e.endpoint_id AND d.status = 'pending' LIMIT $2) w)
        FROM webhook_endpoints e
        WHERE book_id = $1 AND status = 'enabled' AND behind_seq IS NULL
        ORDER BY book_id, endpoint_id
        """)
    private static let behind = Statement(
        "webhook_endpoint_behind",
        """
        SELECT owner, event_types, from_seq, endpoint_id, behind_seq, waiting
        FROM (
            SELECT e.*, (SELECT count(*) FROM (
                SELECT FROM webhook_deliveries d
                WHERE d.book_id = $1 AND d.endpoint_id = e.endpoint_id AND d.status = 'pending' LIMIT $2) w) AS waiting
            FROM webhook_endpoints e
            WHERE book_id = $1 AND status = 'enabled' AND behind_seq IS NOT NULL
        ) e
        WHERE waiting < $2 OR fed_at_ms <= $3
        ORDER BY behind_seq, endpoint_id LIMIT 1
        """)
    private static let moveBehind = Statement(
        "webhook_move_behind",
        """
        UPDATE webhook_endpoints SET behind_seq = $3, fed_at_ms = coalesce($4, fed_at_ms)
        WHERE book_id = $1 AND endpoint_id = $2
        """)
}

/// Rows of deliveries that are written together.
struct DeliveryRows {
    private var ids: [String] = []
    private var endpoints: [String] = []
    private var seqs: [Int64] = []
    private var types: [String] = []
    private var bodies: [[UInt8]] = []

    mutating func add(id: String, endpoint: String, seq: Int64, type: String, body: [UInt8]) {
        ids.append(id)
        endpoints.append(endpoint)
        seqs.append(seq)
        types.append(type)
        bodies.append(body)
    }

    /// Writes those that are not there. Due at once.
    /// - Returns: how many were new.
    func insert(bookID: Int64, nowMs: Int64, on connection: Connection) throws -> Int {
        guard !ids.isEmpty else { return 0 }
        return try connection.query(
            Self.insert,
            [
                .int8(bookID), .texts(ids), .texts(endpoints), .int8s(seqs), .texts(types), .byteas(bodies),
                .int8(nowMs),
            ]
        ).affected
    }

    private static let insert = Statement(
        "webhook_insert_deliveries",
        """
        INSERT INTO webhook_deliveries
            (book_id, delivery_id, endpoint_id, seq, type, body, status, created_at_ms, next_at_ms)
        SELECT $1, v.delivery_id, v.endpoint_id, v.seq, v.type, v.body, 'pending', $7, $7
        FROM unnest($2::text[], $3::text[], $4::int8[], $5::text[], $6::bytea[])
            AS v (delivery_id, endpoint_id, seq, type, body)
        ON CONFLICT (book_id, delivery_id) DO NOTHING
        """)
}
