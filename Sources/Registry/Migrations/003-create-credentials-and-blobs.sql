-- Public credentials, what they grant, what was revoked, and the documents. Whether a chain may be read by anyone is
-- never stored: it follows from these tables at the time of asking, so that a revocation, a deletion or an expiry
-- holds at once.
CREATE TABLE credentials (
    cid            text COLLATE "C" PRIMARY KEY,
    issuer_did     text COLLATE "C" NOT NULL,
    expires_at     bigint NOT NULL,
    -- The attenuations as JSON, resource and action of each.
    attenuations   text NOT NULL
);
CREATE INDEX credentials_by_issuer ON credentials (issuer_did, cid);

CREATE TABLE credential_attenuations (
    cid            text COLLATE "C" NOT NULL,
    ordinal        integer NOT NULL,
    resource       text COLLATE "C" NOT NULL,
    action         text COLLATE "C" NOT NULL,
    PRIMARY KEY (cid, ordinal)
);
CREATE INDEX credential_attenuations_by_resource ON credential_attenuations USING hash (resource);

-- The chains that a public credential opens to readers, under the DID that its delegations are rooted at. Only
-- credentials whose delegations were verified whole are here.
CREATE TABLE public_grants (
    root_did       text COLLATE "C" NOT NULL,
    -- `chain:` and a content id, or `chain:*`.
    resource       text COLLATE "C" NOT NULL,
    cid            text COLLATE "C" NOT NULL,
    -- When all of the credentials hold, Unix seconds.
    not_before     bigint NOT NULL,
    expires_at     bigint NOT NULL,
    PRIMARY KEY (root_did, resource, cid)
);

-- The credentials of a public credential's chain of delegations, itself included: each may be revoked, and each
-- issuer deleted.
CREATE TABLE public_grant_links (
    cid            text COLLATE "C" NOT NULL,
    credential_cid text COLLATE "C" NOT NULL,
    issuer_did     text COLLATE "C" NOT NULL,
    PRIMARY KEY (cid, credential_cid)
);

CREATE TABLE revocations (
    issuer_did     text COLLATE "C" NOT NULL,
    credential_cid text COLLATE "C" NOT NULL,
    -- Of several revocations by one issuer: the one with the earliest signed time, then the least CID.
    cid            text COLLATE "C" NOT NULL,
    created_at     text COLLATE "C" NOT NULL,
    PRIMARY KEY (issuer_did, credential_cid)
);
CREATE INDEX revocations_by_credential ON revocations (credential_cid, issuer_did);

-- A document, as it was uploaded, and what the index may say of it.
CREATE TABLE blobs (
    creator_did    text COLLATE "C" NOT NULL,
    document_cid   text COLLATE "C" NOT NULL,
    doc_schema     text COLLATE "C",
    -- `name` of a profile, `title` of a post; each also in small letters, for searching.
    profile_name   text COLLATE "C",
    profile_folded text COLLATE "C",
    post_title     text COLLATE "C",
    post_folded    text COLLATE "C",
    stored_at_ms   bigint NOT NULL,
    body           bytea NOT NULL,
    PRIMARY KEY (creator_did, document_cid)
);

CREATE TABLE blob_credits (
    creator_did    text COLLATE "C" NOT NULL,
    document_cid   text COLLATE "C" NOT NULL,
    ordinal        integer NOT NULL,
    did            text COLLATE "C" NOT NULL,
    role           text COLLATE "C",
    has_claim      boolean NOT NULL,
    PRIMARY KEY (creator_did, document_cid, ordinal)
);
CREATE INDEX blob_credits_by_did ON blob_credits USING hash (did);

-- Whether anyone may read a chain's head document, as of a time in seconds: a public grant under its creator, none of
-- whose credentials is revoked and none of whose issuers is deleted.
CREATE FUNCTION is_public(creator text, content text, at bigint) RETURNS boolean LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM public_grants g
        WHERE g.root_did = creator AND g.resource IN ('chain:*', 'chain:' || content)
          AND g.not_before <= at AND g.expires_at > at
          AND NOT EXISTS (
              SELECT FROM public_grant_links l
              LEFT JOIN revocations r ON r.issuer_did = l.issuer_did AND r.credential_cid = l.credential_cid
              LEFT JOIN identities i ON i.did = l.issuer_did
              WHERE l.cid = g.cid AND (r.cid IS NOT NULL OR i.is_deleted)));
END;
