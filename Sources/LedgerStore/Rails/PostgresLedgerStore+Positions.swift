import Kernel
import PostgresClient
public import Settlement

extension PostgresLedgerStore: RailPositionStore {
    /// See `RailPositionStore`.
    public func position(of list: String) async throws(LedgerFailure) -> RailPosition? {
        try await read { [bookID = book.bookID] connection in
            let rows = try connection.query(Self.selectPosition, [.int8(bookID), .text(list)])
            return rows.count > 0 ? RailPosition(cursor: try rows[0].text(0), timeMs: try rows[0].int8(1)) : nil
        }
    }

    /// See `RailPositionStore`.
    public func setPosition(_ position: RailPosition, of list: String) async throws(LedgerFailure) {
        try await read { [bookID = book.bookID] connection in
            _ = try connection.query(
                Self.upsertPosition,
                [.int8(bookID), .text(list), .text(position.cursor), .int8(position.timeMs)])
        }
    }

    private static let selectPosition = Statement(
        "select_rail_position", "SELECT cursor, time_ms FROM rail_positions WHERE book_id = $1 AND list = $2")
    private static let upsertPosition = Statement(
        "upsert_rail_position",
        """
        INSERT INTO rail_positions (book_id, list, cursor, time_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (book_id, list) DO UPDATE SET cursor = excluded.cursor, time_ms = excluded.time_ms
        """)
}
