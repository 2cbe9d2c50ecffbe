import Foundation
import Kernel
import PostgresClient

extension PosterWriter {
    func sendLifecycles(_ writes: BatchWrites, _ pipe: inout Pipeline, _ parameters: inout Parameters) throws {
        guard !writes.lifecycles.isEmpty else { return }
        // One row per lifecycle, the last: a statement may not change a row twice.
        let rows = Dictionary(writes.lifecycles.map { ($0.row.id, $0.row) }, uniquingKeysWith: { $1 }).map(\.value)
        let facts = rows.map(\.lifecycle.facts)
        parameters.reset()
        parameters.int8(bookID)
        parameters.texts(facts.map(\.id))
        parameters.texts(rows.map(\.lifecycle.kind.rawValue))
        parameters.texts(facts.map(\.owner))
        parameters.texts(facts.map(\.creator))
        parameters.texts(facts.map(\.rail))
        parameters.texts(facts.map(\.reference))
        parameters.texts(facts.map(\.parent))
        parameters.texts(facts.map(\.status))
        parameters.texts(facts.map(\.currency))
        parameters.int8s(facts.map(\.amountMinor))
        parameters.int8s(facts.map(\.dueAtMs))
        parameters.int8s(rows.map(\.version))
        parameters.int8s(rows.map(\.madeAtMs))
        parameters.int8s(rows.map(\.changedAtMs))
        parameters.texts(try rows.map { try $0.lifecycle.storedText() })
        try pipe.send(Self.upsertLifecycles, parameters)

        let events = writes.lifecycles.map(\.event)
        parameters.reset()
        parameters.int8(bookID)
        parameters.texts(events.map(\.id))
        parameters.int8s(events.map(\.version))
        parameters.int8s(events.map(\.seq))
        parameters.int8s(events.map(\.timeMs))
        parameters.texts(events.map(\.name))
        parameters.texts(events.map(\.status))
        parameters.texts(events.map(\.note))
        try pipe.send(Self.insertLifecycleEvents, parameters)
    }

    static let upsertLifecycles = Statement(
        "upsert_lifecycles",
        """
        INSERT INTO lifecycles (book_id, lifecycle_id, kind, owner, creator, rail, reference, parent, status, currency,
            amount, due_at_ms, version, made_at_ms, changed_at_ms, state)
        SELECT $1, v.lifecycle_id, v.kind, v.owner, v.creator, v.rail, v.reference, v.parent, v.status, v.currency,
            v.amount, v.due_at_ms, v.version, v.made_at_ms, v.changed_at_ms, v.state::jsonb
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::int8[], $12::int8[], $13::int8[], $14::int8[], $15::int8[], $16::text[])
            AS v (lifecycle_id, kind, owner, creator, rail, reference, parent, status, currency, amount, due_at_ms,
            version, made_at_ms, changed_at_ms, state)
        ON CONFLICT (book_id, lifecycle_id) DO UPDATE
            SET reference = excluded.reference, status = excluded.status, due_at_ms = excluded.due_at_ms,
                version = excluded.version, changed_at_ms = excluded.changed_at_ms, state = excluded.state
        """)

    static let insertLifecycleEvents = Statement(
        "insert_lifecycle_events",
        """
        INSERT INTO lifecycle_events (book_id, lifecycle_id, version, seq, time_ms, name, status, note)
        SELECT $1, v.lifecycle_id, v.version, v.seq, v.time_ms, v.name, v.status, v.note
        FROM unnest($2::text[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::text[], $8::text[])
            AS v (lifecycle_id, version, seq, time_ms, name, status, note)
        """)
}

extension Lifecycle {
    /// The JSON that is stored. A field that a later version adds is optional, so that older rows stay readable.
    func storedText() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension LifecycleRow {
    /// Columns: state, version, made_at_ms, changed_at_ms.
    init(_ row: Row) throws {
        let lifecycle: Lifecycle
        do {
            lifecycle = try JSONDecoder().decode(Lifecycle.self, from: Data(try row.text(0).utf8))
        } catch let error as DecodingError {
            throw PostgresError(.decoding, "a lifecycle's state is unknown to this version: \(error)")
        }
        self.init(
            lifecycle: lifecycle, version: try row.int8(1), madeAtMs: try row.int8(2), changedAtMs: try row.int8(3))
    }
}
