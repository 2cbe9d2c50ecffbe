public import Kernel
import PostgresClient
public import Settlement

extension PostgresLedgerStore: LifecycleStore {
    /// See `LifecycleStore`.
    public func lifecycle(
        _ id: String
    ) async throws(LedgerFailure) -> (row: LifecycleRow, events: [LifecycleEvent])? {
        try await read { [bookID = book.bookID] connection in
            let found = try connection.query(Self.selectLifecycle, [.int8(bookID), .text(id)])
            guard found.count > 0 else { return nil }
            let events = try connection.query(Self.selectLifecycleEvents, [.int8(bookID), .text(id)])
            return (
                try LifecycleRow(found[0]),
                try events.map { row in
                    LifecycleEvent(
                        id: id, version: try row.int8(0), seq: try row.int8(1), timeMs: try row.int8(2),
                        name: try row.text(3), status: try row.text(4), note: try row.text(5))
                }
            )
        }
    }

    /// See `LifecycleStore`.
    public func lifecycle(
        rail: RailName, reference: String, kind: Lifecycle.Kind
    ) async throws(LedgerFailure) -> LifecycleRow? {
        try await read { [bookID = book.bookID] connection in
            let rows = try connection.query(
                Self.selectByReference,
                [.int8(bookID), .text(rail.rawValue), .text(reference), .text(kind.rawValue)])
            return rows.count > 0 ? try LifecycleRow(rows[0]) : nil
        }
    }

    /// All that a rail has under one name, such as the payouts of one transaction, in the order of their identifiers.
    public func lifecycles(rail: RailName, reference: String) async throws(LedgerFailure) -> [LifecycleRow] {
        try await read { [bookID = book.bookID] connection in
            try connection.query(
                Self.selectAllByReference, [.int8(bookID), .text(rail.rawValue), .text(reference)]
            ).map { try LifecycleRow($0) }
        }
    }

    /// See `LifecycleStore`.
    public func dueLifecycles(nowMs: Int64, limit: Int) async throws(LedgerFailure) -> [LifecycleRow] {
        try await read { [bookID = book.bookID] connection in
            let rows = try connection.query(Self.selectDue, [.int8(bookID), .int8(nowMs), .int8(Int64(limit))])
            return try rows.map { try LifecycleRow($0) }
        }
    }

    /// See `LifecycleStore`.
    public func payeesPaidAtOnce(after: String, limit: Int) async throws(LedgerFailure) -> [LifecycleRow] {
        try await read { [bookID = book.bookID] connection in
            try connection.query(
                Self.selectInstant, [.int8(bookID), .text(after), .int8(Int64(limit))]
            ).map { try LifecycleRow($0) }
        }
    }

    /// See `LifecycleStore`.
    public func lifecycles(_ filter: LifecycleFilter) async throws(LedgerFailure) -> [LifecycleRow] {
        try await read { [bookID = book.bookID] connection in
            var parameters: [Parameter] = [
                .int8(bookID), .text(filter.kind.rawValue), .text(filter.owner ?? ""),
                .text(filter.creator ?? ""), .text(filter.parent ?? ""), .texts(filter.statuses),
                .text(filter.before ?? ""), .int8(Int64(filter.limit)), .text(filter.rail?.rawValue ?? ""),
            ]
            var statement = Self.selectLifecycles
            if filter.payee != nil || filter.arbiter != nil {
                statement = filter.payee == nil ? Self.selectByArbiter : Self.selectByPayee
                parameters += [.text(filter.payee ?? ""), .text(filter.arbiter ?? "")]
            }
            return try connection.query(statement, parameters).map { try LifecycleRow($0) }
        }
    }

    private static let selectLifecycle = Statement(
        "select_lifecycle",
        """
        SELECT state::text, version, made_at_ms, changed_at_ms FROM lifecycles
        WHERE book_id = $1 AND lifecycle_id = $2
        """)

    private static let selectLifecycleEvents = Statement(
        "select_lifecycle_events",
        """
        SELECT version, seq, time_ms, name, status, note FROM lifecycle_events
        WHERE book_id = $1 AND lifecycle_id = $2 ORDER BY version
        """)

    private static let selectByReference = Statement(
        "select_lifecycle_by_reference",
        """
        SELECT state::text, version, made_at_ms, changed_at_ms FROM lifecycles
        WHERE book_id = $1 AND rail = $2 AND reference = $3 AND reference <> '' AND kind = $4 LIMIT 1
        """)

    private static let selectAllByReference = Statement(
        "select_lifecycles_by_reference",
        """
        SELECT state::text, version, made_at_ms, changed_at_ms FROM lifecycles
        WHERE book_id = $1 AND rail = $2 AND reference = $3 AND reference <> '' ORDER BY lifecycle_id LIMIT 1000
        """)

    private static let selectInstant = Statement(
        "select_instant_payees",
        """
        SELECT state::text, version, made_at_ms, changed_at_ms FROM lifecycles
        WHERE book_id = $1 AND kind = 'payee' AND state #>> '{payee,_0,policy,schedule}' = 'instant'
          AND lifecycle_id > $2
        ORDER BY lifecycle_id LIMIT $3
        """)

    private static let selectDue = Statement(
        "select_due_lifecycles",
        """
        SELECT state::text, version, made_at_ms, changed_at_ms FROM lifecycles
        WHERE book_id = $1 AND due_at_ms IS NOT NULL AND due_at_ms <= $2
        ORDER BY due_at_ms LIMIT $3
        """)

    private static let selectLifecycles = Statement("select_lifecycles", listed + newestFirst)
    /// Each by its own index.
    private static let selectByPayee = Statement(
        "select_escrows_by_payee",
        listed
            + """
             AND kind = 'escrow' AND state #>> '{escrow,_0,payee}' = $10
             AND ($11 = '' OR state #>> '{escrow,_0,arbiter}' = $11)
            """ + newestFirst)
    private static let selectByArbiter = Statement(
        "select_escrows_by_arbiter",
        listed + " AND kind = 'escrow' AND state #>> '{escrow,_0,arbiter}' = $11 AND $10 = ''" + newestFirst)

    private static let listed = """
        SELECT state::text, version, made_at_ms, changed_at_ms FROM lifecycles
        WHERE book_id = $1 AND kind = $2 AND ($3 = '' OR owner = $3) AND ($4 = '' OR creator = $4)
          AND ($5 = '' OR parent = $5) AND (cardinality($6::text[]) = 0 OR status = ANY ($6::text[]))
          AND ($7 = '' OR lifecycle_id < $7) AND ($9 = '' OR rail = $9)
        """
    private static let newestFirst = " ORDER BY lifecycle_id DESC LIMIT $8"
}
