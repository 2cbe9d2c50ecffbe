import PostgresClient

extension InboxWriter {
    static func parameters(_ bookID: Int64, of events: [NewEvent]) -> Parameters {
        let events = events.sorted { $0.key < $1.key }
        var parameters = Parameters()
        parameters.int8(bookID)
        parameters.texts(events.map(\.source.rawValue))
        parameters.texts(events.map(\.envelope.id))
        parameters.texts(events.map(\.envelope.type))
        parameters.texts(events.map { $0.envelope.objectID ?? "" })
        parameters.texts(events.map { $0.envelope.account ?? "" })
        parameters.byteas(events.map(\.payload))
        parameters.int8s(events.map(\.receivedAtMs))
        return parameters
    }

    static func parameters(_ bookID: Int64, of marks: [Mark]) -> Parameters {
        let marks = marks.sorted { $0.key < $1.key }
        var parameters = Parameters()
        parameters.int8(bookID)
        parameters.texts(marks.map(\.key.source))
        parameters.texts(marks.map(\.key.eventID))
        parameters.int8s(marks.map(\.claim))
        parameters.texts(marks.map(\.verdict.status.rawValue))
        parameters.int8s(marks.map(\.verdict.nextAtMs))
        parameters.texts(marks.map(\.verdict.reason))
        return parameters
    }

    static let insert = Statement(
        "insert_inbox",
        """
        INSERT INTO inbox (book_id, source, event_id, event_type, object_id, account, payload, received_at_ms,
                           status, next_at_ms, claim, attempts, reason)
        SELECT $1, v.source, v.event_id, v.event_type, v.object_id, v.account, v.payload, v.received_at_ms,
               'received', v.received_at_ms, 0, 0, ''
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::int8[])
          AS v (source, event_id, event_type, object_id, account, payload, received_at_ms)
        ON CONFLICT (book_id, source, event_id) DO NOTHING
        RETURNING source, event_id
        """)
    static let update = Statement(
        "mark_inbox",
        """
        UPDATE inbox SET status = v.status, next_at_ms = v.next_at_ms, reason = v.reason
        FROM unnest($2::text[], $3::text[], $4::int8[], $5::text[], $6::int8[], $7::text[])
          AS v (source, event_id, claim, status, next_at_ms, reason)
        WHERE inbox.book_id = $1 AND inbox.source = v.source AND inbox.event_id = v.event_id
          AND inbox.claim = v.claim AND inbox.status IN ('received', 'parked', 'failed')
        """)
}
