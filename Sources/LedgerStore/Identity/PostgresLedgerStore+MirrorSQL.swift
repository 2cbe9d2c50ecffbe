import PostgresClient

/// The statements that write the copy of identities.
extension PostgresLedgerStore {
    static let selectCursorForUpdate = Statement(
        "identity_cursor_lock",
        "SELECT relay, cursor, position, reread, synced_at_ms FROM identity_cursors WHERE book_id = $1 FOR UPDATE")
    /// Where there is no row, counting goes on behind everything that has a position: none is given twice.
    static let restartCursor = Statement(
        "identity_cursor_restart",
        """
        INSERT INTO identity_cursors (book_id, relay, cursor, position, reread, synced_at_ms)
        SELECT $1::int8, $2::text, '',
               greatest(
                   0, (SELECT max(position) FROM identities WHERE book_id = $1),
                   (SELECT max(broken_position) FROM identities WHERE book_id = $1),
                   (SELECT max(position) FROM identity_operations WHERE book_id = $1),
                   (SELECT max(greatest(bound_position, conflict_position)) FROM identity_bindings
                    WHERE book_id = $1),
                   (SELECT max(position) FROM manifest_anchors WHERE book_id = $1)),
               $3::int8, 0
        ON CONFLICT (book_id) DO UPDATE SET relay = excluded.relay, cursor = '', reread = excluded.reread
            WHERE $4::bool
        """)
    static let moveCursor = Statement(
        "identity_cursor_move",
        """
        UPDATE identity_cursors SET cursor = $2, position = $3, reread = $4, synced_at_ms = $5 WHERE book_id = $1
        """)
    static let countOperations = Statement(
        "identity_operations_count", "SELECT count(*) FROM identity_operations WHERE book_id = $1")
    static let selectOperations = Statement(
        "identity_operations_known", "SELECT cid FROM identity_operations WHERE book_id = $1 AND cid = ANY ($2)")
    static let selectIdentities = Statement(
        "identities_known",
        """
        SELECT dfos_did, state, standings, position, broken_position
        FROM identities WHERE book_id = $1 AND dfos_did = ANY ($2)
        """)
    static let selectBindings = Statement(
        "identity_bindings_known",
        """
        SELECT did, dfos_did, bound_position, bound_at_ms, conflict_dfos_did, conflict_position, conflict_at_ms,
               conflict_resolved_at_ms
        FROM identity_bindings WHERE book_id = $1 AND did = ANY ($2)
        """)
    static let insertOperations = Statement(
        "identity_operations_insert",
        """
        INSERT INTO identity_operations (book_id, cid, dfos_did, position, seen_at_ms)
        SELECT $1, v.cid, v.dfos_did, v.position, $5
        FROM unnest($2::bytea[], $3::text[], $4::int8[]) AS v (cid, dfos_did, position)
        """)
    static let upsertIdentities = Statement(
        "identities_upsert",
        """
        INSERT INTO identities (book_id, dfos_did, head_cid, position, state, standings, broken_position)
        SELECT $1, v.dfos_did, v.head_cid, v.position, v.state, v.standings, nullif(v.broken, 0)
        FROM unnest($2::text[], $3::text[], $4::int8[], $5::bytea[], $6::bytea[], $7::int8[])
             AS v (dfos_did, head_cid, position, state, standings, broken)
        ON CONFLICT (book_id, dfos_did) DO UPDATE
        SET head_cid = excluded.head_cid, position = excluded.position, state = excluded.state,
            standings = excluded.standings, broken_position = excluded.broken_position
        """)
    static let upsertBinding = Statement(
        "identity_binding_upsert",
        """
        INSERT INTO identity_bindings (book_id, did, public_key, dfos_did, bound_position, bound_at_ms,
                                       changed, conflict_dfos_did, conflict_position, conflict_at_ms,
                                       conflict_resolved_at_ms)
        SELECT $1::int8, $2::text, $3::bytea, $4::text, $5::int8, $6::int8,
               (SELECT coalesce(max(changed), 0) + 1 FROM identity_bindings WHERE book_id = $1),
               $7::text, $8::int8, $9::int8, $10::int8
        ON CONFLICT (book_id, did) DO UPDATE
        SET changed = excluded.changed, conflict_dfos_did = excluded.conflict_dfos_did,
            conflict_position = excluded.conflict_position, conflict_at_ms = excluded.conflict_at_ms,
            conflict_resolved_at_ms = excluded.conflict_resolved_at_ms
        """)
    /// A chain that is longer or breaks is a change of the DID that it binds. Numbers are given in the order of
    /// commits: whoever writes holds the cursor's row.
    static let touchBindings = Statement(
        "identity_bindings_touch",
        """
        UPDATE identity_bindings b SET changed = v.changed
        FROM (SELECT did, (SELECT coalesce(max(changed), 0) FROM identity_bindings WHERE book_id = $1)
                          + row_number() OVER (ORDER BY did) AS changed
              FROM identity_bindings WHERE book_id = $1 AND dfos_did = ANY ($2)) AS v
        WHERE b.book_id = $1 AND b.did = v.did
        """)
    static let insertAnchors = Statement(
        "manifest_anchors_insert",
        """
        INSERT INTO manifest_anchors (book_id, manifest_cid, dfos_did, position)
        SELECT DISTINCT ON (v.manifest_cid, v.dfos_did) $1::int8, v.manifest_cid, v.dfos_did, v.position
        FROM unnest($2::text[], $3::text[], $4::int8[]) AS v (manifest_cid, dfos_did, position)
        ORDER BY v.manifest_cid, v.dfos_did, v.position
        ON CONFLICT (book_id, manifest_cid, dfos_did) DO NOTHING
        """)
}
