public import Kernel
import PostgresClient
public import Settlement

/// The node's own addresses at a rail.
public struct RailTreasuries: Hashable, Sendable {
    /// Where payers are told to pay; `nil`: none was fixed.
    public var current: String?
    /// Those that were it before, the latest first.
    public var former: [String] = []
}

extension PostgresLedgerStore {
    /// The node's addresses at a rail.
    public func treasuries(of rail: RailName) async throws(LedgerFailure) -> RailTreasuries {
        try await read { [bookID = book.bookID] connection in
            var treasuries = RailTreasuries()
            for row in try connection.query(Self.selectTreasuries, [.int8(bookID), .text(rail.rawValue)]) {
                let address = try row.text(0)
                if try row.int8OrNil(1) == nil {
                    treasuries.current = address
                } else if address != treasuries.current, !treasuries.former.contains(address) {
                    treasuries.former.append(address)
                }
            }
            return treasuries
        }
    }

    /// Fixes the node's address at a rail where none is fixed.
    public func pin(treasury address: String, of rail: RailName, nowMs: Int64) async throws(LedgerFailure) {
        try await read { [bookID = book.bookID] connection in
            _ = try connection.query(
                Self.insertTreasury, [.int8(bookID), .text(rail.rawValue), .text(address), .int8(nowMs)])
        }
    }

    /// Takes another address from now on.
    /// - Parameter former: addresses that were it before and are not known as such.
    public func rotate(
        treasury address: String, of rail: RailName, former: [String] = [], nowMs: Int64
    ) async throws(LedgerFailure) {
        try await read { [bookID = book.bookID] connection in
            try connection.transaction { connection in
                let key: [Parameter] = [.int8(bookID), .text(rail.rawValue)]
                _ = try connection.query(Self.endTreasury, key + [.int8(nowMs)])
                _ = try connection.query(Self.insertTreasury, key + [.text(address), .int8(nowMs)])
                for former in former where former != address {
                    _ = try connection.query(Self.insertFormer, key + [.text(former), .int8(nowMs)])
                }
            }
        }
    }

    private static let selectTreasuries = Statement(
        "select_rail_treasuries",
        """
        SELECT address, until_ms FROM rail_treasuries WHERE book_id = $1 AND rail = $2
        ORDER BY until_ms IS NOT NULL, since_ms DESC
        """)
    private static let insertTreasury = Statement(
        "insert_rail_treasury",
        """
        INSERT INTO rail_treasuries (book_id, rail, address, since_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        """)
    private static let insertFormer = Statement(
        "insert_former_rail_treasury",
        """
        INSERT INTO rail_treasuries (book_id, rail, address, since_ms, until_ms) VALUES ($1, $2, $3, $4, $4)
        ON CONFLICT DO NOTHING
        """)
    private static let endTreasury = Statement(
        "end_rail_treasury",
        "UPDATE rail_treasuries SET until_ms = $3 WHERE book_id = $1 AND rail = $2 AND until_ms IS NULL")
}
