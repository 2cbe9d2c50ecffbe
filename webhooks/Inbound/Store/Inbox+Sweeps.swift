import PostgresClient

extension Inbox {
    /// How far a list was read; nil before its first round.
    func sweepState(_ name: String) async throws -> SweepState? {
        let bookID = bookID
        return try await pool.run { connection in
            guard let row = try connection.query(Self.selectSweep, [.int8(bookID), .text(name)]).first else {
                return nil
            }
            return SweepState(
                sweptUntilMs: try row.int8(0), roundStartedMs: try row.int8OrNil(1), page: try row.textOrNil(2))
        }
    }

    func setSweepState(_ name: String, _ state: SweepState) async throws {
        let bookID = bookID
        try await pool.run { connection in
            try connection.query(
                Self.upsertSweep,
                [
                    .int8(bookID), .text(name), .int8(state.sweptUntilMs), .int8(state.roundStartedMs),
                    .text(state.page),
                ])
            return
        }
    }

    private static let selectSweep = Statement(
        "select_inbox_sweep",
        "SELECT swept_until_ms, round_started_ms, page FROM inbox_sweeps WHERE book_id = $1 AND name = $2")
    private static let upsertSweep = Statement(
        "upsert_inbox_sweep",
        """
        INSERT INTO inbox_sweeps (book_id, name, swept_until_ms, round_started_ms, page) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (book_id, name) DO UPDATE
        SET swept_until_ms = excluded.swept_until_ms, round_started_ms = excluded.round_started_ms,
            page = excluded.page
        """)
}
