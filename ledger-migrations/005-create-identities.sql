-- The node's own copy of identity chains, read from a relay's log and verified here, and what follows from it: which DID is bound to
-- which chain, and which manifests a chain anchored.
--
-- A position is an entry's number in the log as this node counts it while reading. It is never given twice: a log that is read again
-- from its beginning goes on counting, so that what was known first stays first.

-- Where reading stands. reread: identity operations met since the log is read again from its beginning because the relay did not know
-- the cursor; null at all other times. Whoever takes a page holds this row's lock and moves it from the values that it read.
CREATE TABLE identity_cursors (
    book_id      bigint NOT NULL,
    relay        text COLLATE "C" NOT NULL,
    cursor       text COLLATE "C" NOT NULL,
    position     bigint NOT NULL,
    reread       bigint,
    synced_at_ms bigint NOT NULL,
    PRIMARY KEY (book_id)
);

-- state and standings: dag-cbor, see IdentityState and MirroredIdentity. broken_position: of the first entry that did not follow from the
-- chain; null while all of it does.
CREATE TABLE identities (
    book_id   bigint NOT NULL,
    dfos_did  text COLLATE "C" NOT NULL,
    head_cid  text COLLATE "C" NOT NULL,
    position  bigint NOT NULL,
    state     bytea NOT NULL,
    standings bytea NOT NULL,
    broken_position bigint,
    PRIMARY KEY (book_id, dfos_did)
);

CREATE INDEX identities_broken ON identities (book_id, dfos_did) WHERE broken_position IS NOT NULL;

CREATE TABLE identity_operations (
    book_id    bigint NOT NULL,
    cid        bytea NOT NULL,
    dfos_did   text COLLATE "C" NOT NULL,
    position   bigint NOT NULL,
    seen_at_ms bigint NOT NULL,
    PRIMARY KEY (book_id, cid)
);

-- changed: grows with every change of any DID, so that processes can ask for what is new. It counts changes of this table, not entries
-- of the log: it goes on whatever becomes of the cursor.
CREATE TABLE identity_bindings (
    book_id           bigint NOT NULL,
    did               text COLLATE "C" NOT NULL,
    public_key        bytea NOT NULL,
    dfos_did          text COLLATE "C" NOT NULL,
    bound_position    bigint NOT NULL,
    bound_at_ms       bigint NOT NULL,
    changed           bigint NOT NULL,
    conflict_dfos_did text COLLATE "C",
    conflict_position bigint,
    conflict_at_ms    bigint,
    PRIMARY KEY (book_id, did)
);
CREATE INDEX identity_bindings_changed ON identity_bindings (book_id, changed);
CREATE INDEX identity_bindings_chain ON identity_bindings (book_id, dfos_did);
CREATE INDEX identity_bindings_conflict ON identity_bindings (book_id, did) WHERE conflict_dfos_did IS NOT NULL;

CREATE TABLE manifest_anchors (
    book_id      bigint NOT NULL,
    manifest_cid text COLLATE "C" NOT NULL,
    dfos_did     text COLLATE "C" NOT NULL,
    position     bigint NOT NULL,
    PRIMARY KEY (book_id, manifest_cid, dfos_did)
);

-- Which key asked for a session key: it ends with that key. Empty: the one that the DID is, as before this column.
ALTER TABLE session_keys ADD COLUMN signer bytea NOT NULL DEFAULT ''::bytea;
