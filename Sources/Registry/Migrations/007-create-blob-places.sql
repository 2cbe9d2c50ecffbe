-- The chains that a document was put through. A document is stored once for its creator, and its identifier is no
-- secret: whoever may write to one of the creator's chains can commit to the identifier of a document in another. A
-- chain serves the document of an operation that its creator signed, and of any other only when somebody put the bytes
-- through it.
--
-- Of documents from before, those that a delegate committed to are put again by their writers.
CREATE TABLE blob_places (
    content_id     text COLLATE "C" NOT NULL,
    document_cid   text COLLATE "C" NOT NULL,
    PRIMARY KEY (content_id, document_cid)
);

-- Whether a chain serves the document that one of its operations commits to.
CREATE FUNCTION is_served(creator text, content text, operation text, document text) RETURNS boolean LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM content_states s WHERE s.cid = operation AND s.signer_did = creator)
        OR EXISTS (SELECT FROM blob_places p WHERE p.content_id = content AND p.document_cid = document);
END;

-- The index says of a document what the chain would serve, by the same rule, written out so that it is pulled into the
-- queries. `served_cid` is null where the chain would serve none.
DROP FUNCTION content_index(bigint);
CREATE FUNCTION content_index(at bigint) RETURNS TABLE (
    content_id text, genesis_cid text, head_cid text, creator_did text, is_deleted boolean, op_count integer,
    genesis_at text, head_at text, document_cid text, is_public boolean, doc_schema text, post_title text,
    post_folded text, served_cid text) LANGUAGE sql STABLE
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
        b.doc_schema, b.post_title, b.post_folded, b.document_cid
    FROM content_chains c
    LEFT JOIN blobs b ON b.creator_did = c.creator_did AND b.document_cid = c.document_cid
        AND (EXISTS (SELECT FROM content_states s WHERE s.cid = c.head_cid AND s.signer_did = c.creator_did)
            OR EXISTS (
                SELECT FROM blob_places p WHERE p.content_id = c.content_id AND p.document_cid = c.document_cid));
END;

CREATE OR REPLACE FUNCTION identity_index(at bigint) RETURNS TABLE (
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
    LEFT JOIN blobs b ON b.creator_did = c.creator_did AND b.document_cid = c.document_cid
        AND (EXISTS (SELECT FROM content_states s WHERE s.cid = c.head_cid AND s.signer_did = c.creator_did)
            OR EXISTS (
                SELECT FROM blob_places p WHERE p.content_id = c.content_id AND p.document_cid = c.document_cid));
END;
