-- Which identity chain has authority over a DID that is a key: the first in the order of the log that this key began, for
-- ever. Written in the transaction that takes the chain's first operation. A second chain of the same key is noted and
-- binds nothing.
CREATE TABLE bindings (
    did               text COLLATE "C" PRIMARY KEY,
    dfos_did          text COLLATE "C" NOT NULL,
    bound_position    bigint NOT NULL,
    bound_at_ms       bigint NOT NULL,
    conflict_dfos_did text COLLATE "C",
    conflict_position bigint,
    conflict_at_ms    bigint
);
CREATE INDEX bindings_by_chain ON bindings (dfos_did);
