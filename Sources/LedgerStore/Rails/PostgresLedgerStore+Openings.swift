public import Kernel
import PostgresClient
public import Settlement

/// What came of a claim to make somebody's account at a rail, at the node's cost.
public enum OpeningClaim: Hashable, Sendable {
    /// It may be made.
    case granted
    /// It was made before.
    case madeBefore
    /// The budget is used.
    case overBudget
}

extension PostgresLedgerStore {
    /// Claims that an account of a token is made for an owner. The same claim is granted again until its cost is taken.
    /// - Parameters:
    ///   - cost: what it costs, in the unit of the budget.
    ///   - sinceMs: claims since then count against the budget, milliseconds since 1970.
    public func claimOpening(
        at rail: RailName, owner: String, token: String, cost: Int64, budget: Int64, sinceMs: Int64, nowMs: Int64
    ) async throws(LedgerFailure) -> OpeningClaim {
        try await read { [bookID = book.bookID] connection in
            try connection.transaction { connection in
                // One claim at a time, so that the sum is whole.
                _ = try connection.query(Self.lockOpenings, [.int8(bookID)])
                let key: [Parameter] = [.int8(bookID), .text(rail.rawValue), .text(owner), .text(token)]
                let known = try connection.query(Self.selectOpening, key)
                if known.count > 0, try known[0].textOrNil(0) != nil { return .madeBefore }
                let sum =
                    try connection.query(
                        Self.sumOpenings,
                        [.int8(bookID), .text(rail.rawValue), .int8(sinceMs), .text(owner), .text(token)]
                    ).one().int128OrNil(0) ?? 0
                guard sum + Int128(cost) <= Int128(budget) else { return .overBudget }
                _ = try connection.query(Self.upsertOpening, key + [.int8(cost), .int8(nowMs)])
                return .granted
            }
        }
    }

    /// Takes the cost of an account that was claimed, for one payout for ever.
    /// - Returns: 0: there is no claim, or another payout took it.
    public func takeOpening(
        at rail: RailName, owner: String, token: String, payout: String
    ) async throws(LedgerFailure) -> Int64 {
        try await read { [bookID = book.bookID] connection in
            let rows = try connection.query(
                Self.updateOpening,
                [.int8(bookID), .text(rail.rawValue), .text(owner), .text(token), .text(payout)])
            return rows.count > 0 ? try rows[0].int8(0) : 0
        }
    }

    private static let lockOpenings = Statement(
        "lock_rail_openings", "SELECT pg_advisory_xact_lock(hashtextextended('rail_openings', $1))")
    private static let selectOpening = Statement(
        "select_rail_opening",
        "SELECT taken_by FROM rail_openings WHERE book_id = $1 AND rail = $2 AND owner = $3 AND token = $4")
    private static let sumOpenings = Statement(
        "sum_rail_openings",
        """
        SELECT sum(cost) FROM rail_openings
        WHERE book_id = $1 AND rail = $2 AND claimed_at_ms >= $3 AND NOT (owner = $4 AND token = $5)
        """)
    private static let upsertOpening = Statement(
        "upsert_rail_opening",
        """
        INSERT INTO rail_openings (book_id, rail, owner, token, cost, claimed_at_ms) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (book_id, rail, owner, token) DO UPDATE
        SET cost = excluded.cost, claimed_at_ms = excluded.claimed_at_ms
        """)
    private static let updateOpening = Statement(
        "take_rail_opening",
        """
        UPDATE rail_openings SET taken_by = $5
        WHERE book_id = $1 AND rail = $2 AND owner = $3 AND token = $4 AND (taken_by IS NULL OR taken_by = $5)
        RETURNING cost
        """)
}
