-- Who may call, whose money is held back, and gas.
CREATE TABLE callers (
    book_id      bigint NOT NULL,
    did          text NOT NULL,
    name         text NOT NULL,
    scopes       text NOT NULL,
    spends_from  text NOT NULL,
    max_amount   bigint,
    allowed_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    PRIMARY KEY (book_id, did)
);

CREATE TABLE session_keys (
    book_id       bigint NOT NULL,
    key_id        text NOT NULL,
    did           text NOT NULL,
    secret        bytea NOT NULL,
    expires_at_ms bigint NOT NULL,
    PRIMARY KEY (book_id, key_id)
);
CREATE INDEX session_keys_did ON session_keys (book_id, did);

CREATE TABLE restrictions (
    book_id   bigint NOT NULL,
    did       text NOT NULL,
    is_frozen boolean NOT NULL,
    PRIMARY KEY (book_id, did)
);

CREATE TABLE held_back (
    book_id  bigint NOT NULL,
    did      text NOT NULL,
    currency text NOT NULL,
    amount   bigint NOT NULL,
    PRIMARY KEY (book_id, did, currency)
);

CREATE TABLE audit_log (
    book_id  bigint NOT NULL,
    audit_id text NOT NULL,
    time_ms  bigint NOT NULL,
    actor    text NOT NULL,
    action   text NOT NULL,
    subject  text NOT NULL,
    reason   text NOT NULL,
    PRIMARY KEY (book_id, audit_id)
);
CREATE INDEX audit_log_time ON audit_log (book_id, time_ms);

CREATE TABLE gas_messages (
    book_id   bigint NOT NULL,
    cluster   text NOT NULL,
    recipient text NOT NULL,
    time_ms   bigint NOT NULL,
    charge_id text NOT NULL,
    sender    text NOT NULL,
    amount    bigint NOT NULL,
    PRIMARY KEY (book_id, cluster, recipient, time_ms, charge_id)
);

CREATE TABLE gas_clusters (
    book_id bigint NOT NULL,
    sender  text NOT NULL,
    founder text NOT NULL,
    PRIMARY KEY (book_id, sender)
);

CREATE TABLE gas_limits (
    book_id     bigint NOT NULL,
    recipient   text NOT NULL,
    per_day_max integer NOT NULL,
    PRIMARY KEY (book_id, recipient)
);

CREATE TABLE gas_standings (
    book_id   bigint NOT NULL,
    recipient text NOT NULL,
    sender    text NOT NULL,
    standing  text NOT NULL,
    PRIMARY KEY (book_id, recipient, sender)
);
