-- The relay and its log: one row whose lock orders every write, and the operations in that order. Positions are given
-- under that lock, so they have no gaps and never change. Times that were signed are kept as the text that was signed
-- and compared by their bytes; identifiers likewise.
CREATE TABLE relay (
    id             smallint PRIMARY KEY CHECK (id = 1),
    -- The relay's own identity and its profile artifact, once it has them.
    did            text COLLATE "C",
    profile_token  text,
    -- The position of the last operation, 0 before the first, and how many there are of each kind.
    head_position  bigint NOT NULL DEFAULT 0,
    identity_ops   bigint NOT NULL DEFAULT 0,
    content_ops    bigint NOT NULL DEFAULT 0,
    artifacts      bigint NOT NULL DEFAULT 0,
    credentials    bigint NOT NULL DEFAULT 0,
    countersigns   bigint NOT NULL DEFAULT 0,
    revocations    bigint NOT NULL DEFAULT 0,
    -- What waits in `pending`.
    pending_ops    bigint NOT NULL DEFAULT 0,
    pending_bytes  bigint NOT NULL DEFAULT 0
);

CREATE TABLE operations (
    position       bigint PRIMARY KEY,
    cid            text COLLATE "C" NOT NULL UNIQUE,
    kind           text COLLATE "C" NOT NULL,
    chain_id       text COLLATE "C" NOT NULL,
    signer_did     text COLLATE "C" NOT NULL,
    created_at     text COLLATE "C" NOT NULL,
    ingested_at_ms bigint NOT NULL,
    token          text NOT NULL
);
CREATE INDEX operations_by_chain ON operations (chain_id, kind, position);
CREATE INDEX operations_by_signer ON operations (signer_did, chain_id);
CREATE INDEX operations_by_ingestion ON operations (ingested_at_ms DESC, cid);
CREATE INDEX operations_by_creation ON operations (created_at DESC, cid);

-- Operations that were received before what they depend on. A token is known by the SHA-256 of its bytes, not by its
-- CID: whoever knows a payload can make a second token of the same CID, which must not displace the first.
CREATE TABLE pending (
    token_hash     bytea PRIMARY KEY,
    sequence       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    -- The DID or CID whose arrival may change the verdict.
    waits_for      text COLLATE "C" NOT NULL,
    is_direct      boolean NOT NULL,
    byte_count     integer NOT NULL,
    received_at_ms bigint NOT NULL,
    token          text NOT NULL
);
CREATE INDEX pending_by_dependency ON pending (waits_for, sequence);
CREATE INDEX pending_by_age ON pending (is_direct DESC, sequence);

INSERT INTO relay (id) VALUES (1);
