import PostgresClient

/// The statements that write the copy of identities.
extension PostgresLedgerStore {
    static let selectCursorForUpdate = Statement(
        "identity_cursor_lock",
        "SELECT relay, cursor, position, reread, synced_at_ms FROM identity_cursors WHERE book_id = $1 FOR UPDATE")
    static let restartCursor = Statement(
        "identity_cursor_restart",
        """
        INSERT INTO identity_cursors (book_id, relay, cursor, position, reread, synced_at_ms)
        VALUES ($1, $2, '', 0, $3, 0)
        ON CONFLICT (book_id) DO UPDATE SET relay = excluded.relay, cursor = '', reread = excluded.reread
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
        "SELECT dfos_did, state, standings, position FROM identities WHERE book_id = $1 AND dfos_did = ANY ($2)")
    static let selectBindings = Statement(
        "identity_bindings_known",
        """
        SELECT did, dfos_did, bound_position, bound_at_ms, conflict_dfos_did, conflict_position, conflict_at_ms
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
        INSERT INTO identities (book_id, dfos_did, head_cid, position, state, standings)
        SELECT $1, v.dfos_did, v.head_cid, v.position, v.state, v.standings
        FROM unnest($2::text[], $3::text[], $4::int8[], $5::bytea[], $6::bytea[])
             AS v (dfos_did, head_cid, position, state, standings)
        ON CONFLICT (book_id, dfos_did) DO UPDATE
        SET head_cid = excluded.head_cid, position = excluded.position, state = excluded.state,
            standings = excluded.standings
        """)
    static let upsertBinding = Statement(
        "identity_binding_upsert",
        """
        INSERT INTO identity_bindings (book_id, did, public_key, dfos_did, bound_position, bound_at_ms,
                                       changed_position, conflict_dfos_did, conflict_position, conflict_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (book_id, did) DO UPDATE
        SET changed_position = excluded.changed_position, conflict_dfos_did = excluded.conflict_dfos_did,
            conflict_position = excluded.conflict_position, conflict_at_ms = excluded.conflict_at_ms
        """)
    /// A longer chain is a change of the DID that it binds.
    static let touchBindings = Statement(
        "identity_bindings_touch",
        """
        UPDATE identity_bindings b SET changed_position = v.position
        FROM unnest($2::text[], $3::int8[]) AS v (dfos_did, position)
        WHERE b.book_id = $1 AND b.dfos_did = v.dfos_did AND b.changed_position < v.position
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
