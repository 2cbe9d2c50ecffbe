import PostgresClient

extension RelayStore {
    static let moveHead = Statement(
        "registry_move_head",
        """
        UPDATE relay SET head_position = head_position + $1, identity_ops = identity_ops + $2,
            content_ops = content_ops + $3, artifacts = artifacts + $4, credentials = credentials + $5,
            countersigns = countersigns + $6, revocations = revocations + $7
        WHERE id = 1 RETURNING head_position
        """)
    static let insertOperations = Statement(
        "registry_insert_operations",
        """
        INSERT INTO operations (position, cid, kind, chain_id, signer_did, created_at, token, ingested_at_ms)
        SELECT o.position, o.cid, o.kind, o.chain_id, o.signer_did, o.created_at, o.token, $8
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
            AS o (position, cid, kind, chain_id, signer_did, created_at, token)
        """)
    static let upsertContents = Statement(
        "registry_upsert_contents",
        """
        INSERT INTO content_chains (content_id, genesis_cid, head_cid, creator_did, genesis_at, head_at, is_deleted,
            document_cid, length, op_count)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],
            $8::text[], $9::integer[], $10::integer[])
        ON CONFLICT (content_id) DO UPDATE SET head_cid = excluded.head_cid, head_at = excluded.head_at,
            is_deleted = excluded.is_deleted, document_cid = excluded.document_cid, length = excluded.length,
            op_count = excluded.op_count
        """)
    static let insertContentStates = Statement(
        "registry_insert_content_states",
        """
        INSERT INTO content_states (cid, content_id, signer_did, created_at, is_deleted, document_cid, length)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::integer[])
        """)
    static let insertArtifacts = Statement(
        "registry_insert_artifacts",
        """
        INSERT INTO artifacts (cid, signer_did, created_at, doc_schema, ingested_at_ms)
        SELECT a.cid, a.signer_did, a.created_at, a.doc_schema, $5
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS a (cid, signer_did, created_at, doc_schema)
        """)
    static let insertCountersigns = Statement(
        "registry_insert_countersigns",
        """
        INSERT INTO countersigns (target_cid, witness_did, cid, created_at, relation, ingested_at_ms)
        SELECT c.target_cid, c.witness_did, c.cid, c.created_at, c.relation, $6
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
            AS c (target_cid, witness_did, cid, created_at, relation)
        """)
    static let insertCredentials = Statement(
        "registry_insert_credentials",
        """
        INSERT INTO credentials (cid, issuer_did, expires_at, attenuations)
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
        """)
    static let insertAttenuations = Statement(
        "registry_insert_attenuations",
        """
        INSERT INTO credential_attenuations (cid, ordinal, resource, action)
        SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[])
        """)
    static let insertGrants = Statement(
        "registry_insert_grants",
        """
        INSERT INTO public_grants (root_did, resource, cid, not_before, expires_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
        ON CONFLICT (root_did, resource, cid) DO NOTHING
        """)
    static let insertGrantLinks = Statement(
        "registry_insert_grant_links",
        """
        INSERT INTO public_grant_links (cid, credential_cid, issuer_did)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
        ON CONFLICT (cid, credential_cid) DO NOTHING
        """)
    static let upsertRevocations = Statement(
        "registry_upsert_revocations",
        """
        INSERT INTO revocations (issuer_did, credential_cid, cid, created_at)
        SELECT DISTINCT ON (r.issuer_did, r.credential_cid) r.issuer_did, r.credential_cid, r.cid, r.created_at
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS r (issuer_did, credential_cid, cid, created_at)
        ORDER BY r.issuer_did, r.credential_cid, r.created_at COLLATE "C", r.cid COLLATE "C"
        ON CONFLICT (issuer_did, credential_cid) DO UPDATE SET cid = excluded.cid, created_at = excluded.created_at
            WHERE (excluded.created_at, excluded.cid) < (revocations.created_at, revocations.cid)
        """)
}
