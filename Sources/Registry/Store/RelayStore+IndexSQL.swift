/// The index's queries. They are planned for each call with its values, so that a filter that is not given costs
/// nothing; see the migration that makes `identity_index` and `content_index`.
extension RelayStore {
    static let identitiesByKey = """
        SELECT did, head_cid, op_count, genesis_at, head_at, is_deleted, profile_anchor, is_public, doc_schema,
            CASE WHEN is_public THEN profile_name END
        FROM identity_index($4)
        WHERE ($1::text IS NULL OR did = $1)
          AND ($2::boolean IS NULL OR is_public = $2)
          AND ($3::text IS NULL OR (is_public AND position($3 IN profile_folded) > 0))
          AND did > $5 AND $6::text IS NULL
        ORDER BY did LIMIT $7
        """
    static let identitiesByGenesis = """
        SELECT did, head_cid, op_count, genesis_at, head_at, is_deleted, profile_anchor, is_public, doc_schema,
            CASE WHEN is_public THEN profile_name END
        FROM identity_index($4)
        WHERE ($1::text IS NULL OR did = $1)
          AND ($2::boolean IS NULL OR is_public = $2)
          AND ($3::text IS NULL OR (is_public AND position($3 IN profile_folded) > 0))
          AND ($6::text IS NULL OR genesis_at < $6 OR (genesis_at = $6 AND did > $5))
        ORDER BY genesis_at DESC, did LIMIT $7
        """
    static let identitiesByHead = """
        SELECT did, head_cid, op_count, genesis_at, head_at, is_deleted, profile_anchor, is_public, doc_schema,
            CASE WHEN is_public THEN profile_name END
        FROM identity_index($4)
        WHERE ($1::text IS NULL OR did = $1)
          AND ($2::boolean IS NULL OR is_public = $2)
          AND ($3::text IS NULL OR (is_public AND position($3 IN profile_folded) > 0))
          AND ($6::text IS NULL OR head_at < $6 OR (head_at = $6 AND did > $5))
        ORDER BY head_at DESC, did LIMIT $7
        """

    static let contentByKey = """
        SELECT content_id, genesis_cid, head_cid, creator_did, is_deleted, op_count, genesis_at, head_at,
            document_cid, is_public, doc_schema, CASE WHEN is_public THEN post_title END
        FROM content_index($9) AS c
        WHERE ($1::text IS NULL OR content_id = $1) AND ($2::text IS NULL OR creator_did = $2)
          AND ($3::text IS NULL OR EXISTS (
              SELECT FROM operations o
              WHERE o.chain_id = c.content_id AND o.kind = 'content-op' AND o.signer_did = $3))
          AND ($4::text IS NULL OR doc_schema = $4) AND ($5::text IS NULL OR document_cid = $5)
          AND ($6::boolean IS NULL OR is_public = $6) AND ($7::boolean IS NULL OR is_deleted = $7)
          AND ($8::text IS NULL OR (is_public AND position($8 IN post_folded) > 0))
          AND content_id > $10 AND $11::text IS NULL
        ORDER BY content_id LIMIT $12
        """
    static let contentByGenesis = """
        SELECT content_id, genesis_cid, head_cid, creator_did, is_deleted, op_count, genesis_at, head_at,
            document_cid, is_public, doc_schema, CASE WHEN is_public THEN post_title END
        FROM content_index($9) AS c
        WHERE ($1::text IS NULL OR content_id = $1) AND ($2::text IS NULL OR creator_did = $2)
          AND ($3::text IS NULL OR EXISTS (
              SELECT FROM operations o
              WHERE o.chain_id = c.content_id AND o.kind = 'content-op' AND o.signer_did = $3))
          AND ($4::text IS NULL OR doc_schema = $4) AND ($5::text IS NULL OR document_cid = $5)
          AND ($6::boolean IS NULL OR is_public = $6) AND ($7::boolean IS NULL OR is_deleted = $7)
          AND ($8::text IS NULL OR (is_public AND position($8 IN post_folded) > 0))
          AND ($11::text IS NULL OR genesis_at < $11 OR (genesis_at = $11 AND content_id > $10))
        ORDER BY genesis_at DESC, content_id LIMIT $12
        """
    static let contentByHead = """
        SELECT content_id, genesis_cid, head_cid, creator_did, is_deleted, op_count, genesis_at, head_at,
            document_cid, is_public, doc_schema, CASE WHEN is_public THEN post_title END
        FROM content_index($9) AS c
        WHERE ($1::text IS NULL OR content_id = $1) AND ($2::text IS NULL OR creator_did = $2)
          AND ($3::text IS NULL OR EXISTS (
              SELECT FROM operations o
              WHERE o.chain_id = c.content_id AND o.kind = 'content-op' AND o.signer_did = $3))
          AND ($4::text IS NULL OR doc_schema = $4) AND ($5::text IS NULL OR document_cid = $5)
          AND ($6::boolean IS NULL OR is_public = $6) AND ($7::boolean IS NULL OR is_deleted = $7)
          AND ($8::text IS NULL OR (is_public AND position($8 IN post_folded) > 0))
          AND ($11::text IS NULL OR head_at < $11 OR (head_at = $11 AND content_id > $10))
        ORDER BY head_at DESC, content_id LIMIT $12
        """
}
