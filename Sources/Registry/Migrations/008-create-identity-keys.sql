-- Every key that a chain ever listed, by the name that the chain gave it: a name keeps its material for ever, and what a
-- retired key signed stays verifiable. It stands beside identities.encoded, which holds the keys of the head alone from here
-- on, so that one more operation costs the same however long the chain is. Rows of before hold their whole history in
-- encoded, which is read as well; they are written in the new way with their chain's next operation.
-- key_hash: SHA-256 of the name, which may be longer than an index takes. Name and material are bytes, for NUL is allowed.
CREATE TABLE identity_keys (
    did      text COLLATE "C" NOT NULL,
    key_hash bytea NOT NULL,
    key_id   bytea NOT NULL,
    material bytea NOT NULL,
    PRIMARY KEY (did, key_hash)
);
