-- What the operations come to: identities, content chains with the state after each of
-- their operations (so that a fork is extended without replaying), artifacts and countersignatures.
CREATE TABLE identities (
    did            text COLLATE "C" PRIMARY KEY,
    head_cid       text COLLATE "C" NOT NULL,
    genesis_at     text COLLATE "C" NOT NULL,
    head_at        text COLLATE "C" NOT NULL,
    op_count       integer NOT NULL,
    is_deleted     boolean NOT NULL,
    -- The content chain that its services anchor as its profile.
    profile_anchor text COLLATE "C",
    -- The state with the history of its keys, in the chain's own encoding, and the same as it is served, as JSON.
    encoded        bytea NOT NULL,
    state          text NOT NULL
);
CREATE INDEX identities_by_genesis ON identities (genesis_at DESC, did);
CREATE INDEX identities_by_head ON identities (head_at DESC, did);

CREATE TABLE content_chains (
    content_id     text COLLATE "C" PRIMARY KEY,
    genesis_cid    text COLLATE "C" NOT NULL,
    head_cid       text COLLATE "C" NOT NULL,
    creator_did    text COLLATE "C" NOT NULL,
    genesis_at     text COLLATE "C" NOT NULL,
    head_at        text COLLATE "C" NOT NULL,
    is_deleted     boolean NOT NULL,
    document_cid   text COLLATE "C",
    -- Operations from the genesis to the head, and all of them.
    length         integer NOT NULL,
    op_count       integer NOT NULL
);
CREATE INDEX content_chains_by_creator ON content_chains (creator_did, content_id);
-- By hash: a document is named by whatever its author wrote, which may be longer than an ordered index takes.
CREATE INDEX content_chains_by_document ON content_chains USING hash (document_cid);
CREATE INDEX content_chains_by_genesis ON content_chains (genesis_at DESC, content_id);
CREATE INDEX content_chains_by_head ON content_chains (head_at DESC, content_id);

CREATE TABLE content_states (
    cid            text COLLATE "C" PRIMARY KEY,
    content_id     text COLLATE "C" NOT NULL,
    signer_did     text COLLATE "C" NOT NULL,
    created_at     text COLLATE "C" NOT NULL,
    is_deleted     boolean NOT NULL,
    document_cid   text COLLATE "C",
    length         integer NOT NULL
);

CREATE TABLE artifacts (
    cid            text COLLATE "C" PRIMARY KEY,
    signer_did     text COLLATE "C" NOT NULL,
    created_at     text COLLATE "C" NOT NULL,
    ingested_at_ms bigint NOT NULL,
    doc_schema     text COLLATE "C" NOT NULL
);
CREATE INDEX artifacts_by_signer ON artifacts (signer_did, cid);
CREATE INDEX artifacts_by_creation ON artifacts (created_at DESC, cid);
CREATE INDEX artifacts_by_ingestion ON artifacts (ingested_at_ms DESC, cid);

-- One countersignature of a witness for a target.
CREATE TABLE countersigns (
    target_cid     text COLLATE "C" NOT NULL,
    witness_did    text COLLATE "C" NOT NULL,
    cid            text COLLATE "C" NOT NULL UNIQUE,
    created_at     text COLLATE "C" NOT NULL,
    ingested_at_ms bigint NOT NULL,
    relation       text COLLATE "C",
    PRIMARY KEY (target_cid, witness_did)
);
CREATE INDEX countersigns_by_target ON countersigns (target_cid, cid);
CREATE INDEX countersigns_by_witness ON countersigns (witness_did, cid);
