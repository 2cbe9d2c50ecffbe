-- The rows that the index serves, as functions of the time in seconds since 1970 (grants expire). They are pulled into
-- the queries that name them, so that a filter or an order uses the tables' own indexes.
CREATE FUNCTION content_index(at bigint) RETURNS TABLE (
    content_id text, genesis_cid text, head_cid text, creator_did text, is_deleted boolean, op_count integer,
    genesis_at text, head_at text, document_cid text, is_public boolean, doc_schema text, post_title text,
    post_folded text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.content_id, c.genesis_cid, c.head_cid, c.creator_did, c.is_deleted, c.op_count, c.genesis_at, c.head_at,
        c.document_cid,
        EXISTS (
            SELECT FROM public_grants g
            WHERE g.root_did = c.creator_did AND g.resource IN ('chain:*', 'chain:' || c.content_id)
              AND g.not_before <= at AND g.expires_at > at
              AND NOT EXISTS (
                  SELECT FROM public_grant_links l
                  LEFT JOIN revocations r ON r.issuer_did = l.issuer_did AND r.credential_cid = l.credential_cid
                  LEFT JOIN identities i ON i.did = l.issuer_did
                  WHERE l.cid = g.cid AND (r.cid IS NOT NULL OR i.is_deleted))),
        b.doc_schema, b.post_title, b.post_folded
    FROM content_chains c
    LEFT JOIN blobs b ON b.creator_did = c.creator_did AND b.document_cid = c.document_cid;
END;

-- An identity's profile is the document at the head of the chain that its services anchor; its name is shown only
-- while anyone may read that chain.
CREATE FUNCTION identity_index(at bigint) RETURNS TABLE (
    did text, head_cid text, op_count integer, genesis_at text, head_at text, is_deleted boolean, profile_anchor text,
    is_public boolean, doc_schema text, profile_name text, profile_folded text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.did, i.head_cid, i.op_count, i.genesis_at, i.head_at, i.is_deleted, i.profile_anchor,
        c.content_id IS NOT NULL AND EXISTS (
            SELECT FROM public_grants g
            WHERE g.root_did = c.creator_did AND g.resource IN ('chain:*', 'chain:' || c.content_id)
              AND g.not_before <= at AND g.expires_at > at
              AND NOT EXISTS (
                  SELECT FROM public_grant_links l
                  LEFT JOIN revocations r ON r.issuer_did = l.issuer_did AND r.credential_cid = l.credential_cid
                  LEFT JOIN identities i2 ON i2.did = l.issuer_did
                  WHERE l.cid = g.cid AND (r.cid IS NOT NULL OR i2.is_deleted))),
        b.doc_schema, b.profile_name, b.profile_folded
    FROM identities i
    LEFT JOIN content_chains c ON c.content_id = i.profile_anchor
    LEFT JOIN blobs b ON b.creator_did = c.creator_did AND b.document_cid = c.document_cid;
END;
