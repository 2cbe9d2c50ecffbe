public import Kernel
import PostgresClient
public import Settlement

extension PostgresLedgerStore: RailOpeningStore {
    /// See `RailOpeningStore`.
    public func claim(
        _ claim: RailOpeningClaim, at rail: RailName, budget: Int64, sinceMs: Int64, nowMs: Int64
    ) async throws(LedgerFailure) -> OpeningClaim {
        try await read { [bookID = book.bookID] connection in
            try connection.transaction { connection in
                // One claim at a time, so that the sum is whole.
                _ = try connection.query(Self.lockOpenings, [.int8(bookID)])
                let book: [Parameter] = [.int8(bookID), .text(rail.rawValue)]
                let key = book + [.texts(claim.owners), .text(claim.token)]
                guard try connection.query(Self.countTries, key).one().int8(0) == 0 else { return .triedBefore }
                let sum =
                    try connection.query(Self.sumOpenings, book + [.int8(sinceMs)]).one().int128OrNil(0) ?? 0
                guard sum + Int128(claim.cost) * Int128(claim.owners.count) <= Int128(budget) else {
                    return .overBudget
                }
                _ = try connection.query(
                    Self.insertOpenings,
                    key + [
                        .text(claim.reference), .bytea(claim.prepared), .int8(claim.cost), .int8(nowMs),
                        .texts(claim.bearers),
                    ])
                if let undo = claim.undo, let owner = claim.owners.first {
                    _ = try connection.query(
                        Self.insertUndo,
                        book + [
                            .text(owner), .text(undo), .text(RailOpeningClaim.undoReference(undo, of: owner)),
                            .int8(nowMs),
                        ])
                }
                return .granted
            }
        }
    }

    /// See `RailOpeningStore`.
    public func openings(
        at rail: RailName, owners: [String], token: String
    ) async throws(LedgerFailure) -> [RailOpening] {
        try await read { [bookID = book.bookID] connection in
            try connection.query(
                Self.selectOpenings, [.int8(bookID), .text(rail.rawValue), .texts(owners), .text(token)]
            ).map { try RailOpening($0) }
        }
    }

    /// See `RailOpeningStore`.
    public func unfinishedOpenings(
        at rail: RailName, after: String, limit: Int
    ) async throws(LedgerFailure) -> [RailOpening] {
        try await read { [bookID = book.bookID] connection in
            try connection.query(
                Self.selectUnfinished,
                [.int8(bookID), .text(rail.rawValue), .text(after), .int8(Int64(limit))]
            ).map { try RailOpening($0) }
        }
    }

    /// See `RailOpeningStore`.
    public func finishOpening(
        at rail: RailName, reference: String, _ standing: RailOpening.Standing
    ) async throws(LedgerFailure) {
        try await read { [bookID = book.bookID] connection in
            _ = try connection.query(
                Self.updateOpening,
                [.int8(bookID), .text(rail.rawValue), .text(reference), .text(standing.rawValue)])
        }
    }

    private static let lockOpenings = Statement(
        "lock_rail_openings", "SELECT pg_advisory_xact_lock(hashtextextended('rail_openings', $1))")
    private static let countTries = Statement(
        "count_rail_opening_tries",
        """
        SELECT count(*) FROM rail_openings
        WHERE book_id = $1 AND rail = $2 AND owner = ANY($3) AND token = $4
          AND (standing IS NULL OR standing = 'made')
        """)
    private static let sumOpenings = Statement(
        "sum_rail_openings",
        """
        SELECT sum(cost) FROM rail_openings
        WHERE book_id = $1 AND rail = $2 AND claimed_at_ms >= $3 AND standing IS DISTINCT FROM 'lapsed'
        """)
    private static let insertOpenings = Statement(
        "insert_rail_openings",
        """
        INSERT INTO rail_openings (book_id, rail, owner, token, reference, prepared, cost, claimed_at_ms, bearer)
        SELECT $1, $2, owner, $4, $5, $6, $7, $8, bearer FROM unnest($3::text[], $9::text[]) AS v (owner, bearer)
        """)
    private static let insertUndo = Statement(
        "insert_rail_opening_undo",
        """
        INSERT INTO rail_openings (book_id, rail, owner, token, reference, prepared, cost, claimed_at_ms, bearer)
        VALUES ($1, $2, $3, $4, $5, '', 0, $6, '')
        ON CONFLICT (book_id, rail, owner, token, reference) DO UPDATE SET standing = NULL
        """)
    private static let selectOpenings = Statement(
        "select_rail_openings",
        """
        SELECT owner, token, reference, prepared, standing, bearer, cost, claimed_at_ms FROM rail_openings
        WHERE book_id = $1 AND rail = $2 AND owner = ANY($3) AND token = $4 ORDER BY owner, claimed_at_ms
        """)
    private static let selectUnfinished = Statement(
        "select_unfinished_rail_openings",
        """
        SELECT owner, token, reference, prepared, standing, bearer, cost, claimed_at_ms FROM rail_openings
        WHERE book_id = $1 AND rail = $2 AND standing IS NULL AND reference > $3 ORDER BY reference, owner LIMIT $4
        """)
    private static let updateOpening = Statement(
        "finish_rail_opening",
        """
        UPDATE rail_openings SET standing = $4
        WHERE book_id = $1 AND rail = $2 AND reference = $3 AND standing IS NULL
        """)
}

extension RailOpening {
    fileprivate init(_ row: Row) throws {
        self.init(
            owner: try row.text(0), token: try row.text(1), reference: try row.text(2), prepared: try row.bytea(3),
            standing: try row.textOrNil(4).flatMap { Standing(rawValue: $0) }, bearer: try row.text(5),
            cost: try row.int8(6), claimedAtMs: try row.int8(7))
    }
}
