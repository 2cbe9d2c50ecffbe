import PostgresClient

/// The bounded pool of operations that wait for what they depend on.
extension RelayStore {
    /// Takes what is settled out, puts what waits in, and makes room where it does not fit: the longest waiting go
    /// first, clients' before peers'. A client has been told that its operation depends on something, and sends it
    /// again; of a peer's log what was read once is not read again.
    ///
    /// - Returns: how many were dropped.
    static func keepWaiting(
        _ changes: RelayChanges, _ bounds: PendingBounds, nowMs: Int64, on connection: Connection
    ) throws -> Int {
        var count: Int64 = 0
        var bytes: Int64 = 0
        if !changes.settled.isEmpty {
            let row = try connection.query(
                deleteSettled, [.byteas(changes.settled.sorted { $0.lexicographicallyPrecedes($1) })]
            ).one()
            count -= try row.int8(0)
            bytes -= try row.int8(1)
        }
        let waiting = changes.waiting.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        if !waiting.isEmpty {
            let row = try connection.query(
                upsertWaiting,
                [
                    .byteas(waiting.map(\.submission.tokenHash)), .texts(waiting.map(\.dependency)),
                    .bools(waiting.map { $0.submission.source == .client }),
                    .int4s(waiting.map { Int32($0.submission.token.utf8.count) }),
                    .texts(waiting.map(\.submission.token)), .int8(nowMs),
                ]
            ).one()
            count += try row.int8(0)
            bytes += try row.int8(1)
        }
        let row = try connection.query(addPending, [.int8(count), .int8(bytes)]).one()
        let (held, heldBytes) = (try row.int8(0), try row.int8(1))
        guard held > bounds.operations || heldBytes > bounds.bytes else { return 0 }
        // Some more than need be: a pool that is full stays so, and each time costs a look at all of it.
        let (room, byteRoom) = (bounds.operations / 20, bounds.bytes / 20)
        let dropped = try connection.query(
            dropLongest,
            [.int8(held - bounds.operations + room), .int8(heldBytes - bounds.bytes + byteRoom)]
        ).one()
        try connection.query(addPending, [.int8(-dropped.int8(0)), .int8(-dropped.int8(1))])
        return Int(try dropped.int8(0))
    }

    /// Drops what has waited too long.
    static func expire(_ nowMs: Int64, on connection: Connection) throws {
        let row = try connection.query(deleteExpired, [.int8(nowMs - RelayLimits.pendingMilliseconds)]).one()
        try connection.query(addPending, [.int8(-row.int8(0)), .int8(-row.int8(1))])
    }

    private static let deleteSettled = Statement(
        "registry_settle",
        """
        WITH gone AS (DELETE FROM pending WHERE token_hash = ANY ($1) RETURNING byte_count)
        SELECT count(*), coalesce(sum(byte_count), 0)::bigint FROM gone
        """)
    private static let upsertWaiting = Statement(
        "registry_wait",
        """
        WITH kept AS (
            INSERT INTO pending (token_hash, waits_for, is_direct, byte_count, token, received_at_ms)
            SELECT w.token_hash, w.waits_for, w.is_direct, w.byte_count, w.token, $6
            FROM unnest($1::bytea[], $2::text[], $3::boolean[], $4::integer[], $5::text[])
                AS w (token_hash, waits_for, is_direct, byte_count, token)
            ON CONFLICT (token_hash) DO UPDATE
                SET waits_for = excluded.waits_for, is_direct = pending.is_direct AND excluded.is_direct
            RETURNING byte_count, xmax = 0 AS is_new)
        SELECT count(*) FILTER (WHERE is_new), coalesce(sum(byte_count) FILTER (WHERE is_new), 0)::bigint FROM kept
        """)
    private static let addPending = Statement(
        "registry_add_pending",
        """
        UPDATE relay SET pending_ops = pending_ops + $1, pending_bytes = pending_bytes + $2 WHERE id = 1
        RETURNING pending_ops, pending_bytes
        """)
    private static let dropLongest = Statement(
        "registry_drop_longest",
        """
        WITH aged AS (
            SELECT token_hash, row_number() OVER age AS place, sum(byte_count) OVER age - byte_count AS bytes_before
            FROM pending WINDOW age AS (ORDER BY is_direct DESC, sequence)),
        gone AS (
            DELETE FROM pending WHERE token_hash IN (
                SELECT token_hash FROM aged WHERE place <= $1 OR bytes_before < $2)
            RETURNING byte_count)
        SELECT count(*), coalesce(sum(byte_count), 0)::bigint FROM gone
        """)
    private static let deleteExpired = Statement(
        "registry_expire",
        """
        WITH gone AS (DELETE FROM pending WHERE received_at_ms < $1 RETURNING byte_count)
        SELECT count(*), coalesce(sum(byte_count), 0)::bigint FROM gone
        """)
}
