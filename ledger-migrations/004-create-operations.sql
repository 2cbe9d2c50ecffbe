-- Who may call, whose money is held back, and gas.
CREATE TABLE callers (
    book_id      bigint NOT NULL,
    did          text COLLATE "C" NOT NULL,
    name         text COLLATE "C" NOT NULL,
    scopes       text COLLATE "C" NOT NULL,
    spends_from  text COLLATE "C" NOT NULL,
    max_amount   bigint,
    allowed_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    PRIMARY KEY (book_id, did)
);

CREATE TABLE session_keys (
    book_id       bigint NOT NULL,
    key_id        text COLLATE "C" NOT NULL,
    did           text COLLATE "C" NOT NULL,
    secret        bytea NOT NULL,
    nonce         text COLLATE "C" NOT NULL,
    expires_at_ms bigint NOT NULL,
    PRIMARY KEY (book_id, key_id),
    -- One signed request gives one key, whichever process it reaches and however often.
    UNIQUE (book_id, did, nonce)
);

CREATE TABLE restrictions (
    book_id   bigint NOT NULL,
    did       text COLLATE "C" NOT NULL,
    is_frozen boolean NOT NULL,
    PRIMARY KEY (book_id, did)
);

CREATE TABLE held_back (
    book_id  bigint NOT NULL,
    did      text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    amount   bigint NOT NULL,
    PRIMARY KEY (book_id, did, currency)
);

CREATE TABLE audit_log (
    book_id  bigint NOT NULL,
    audit_id text COLLATE "C" NOT NULL,
    time_ms  bigint NOT NULL,
    actor    text COLLATE "C" NOT NULL,
    action   text COLLATE "C" NOT NULL,
    subject  text COLLATE "C" NOT NULL,
    reason   text COLLATE "C" NOT NULL,
    PRIMARY KEY (book_id, audit_id)
);
CREATE INDEX audit_log_time ON audit_log (book_id, time_ms);

CREATE TABLE gas_messages (
    book_id   bigint NOT NULL,
    cluster   text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    time_ms   bigint NOT NULL,
    charge_id text COLLATE "C" NOT NULL,
    sender    text COLLATE "C" NOT NULL,
    amount    bigint NOT NULL,
    PRIMARY KEY (book_id, cluster, recipient, time_ms, charge_id)
);

CREATE TABLE gas_clusters (
    book_id bigint NOT NULL,
    sender  text COLLATE "C" NOT NULL,
    founder text COLLATE "C" NOT NULL,
    PRIMARY KEY (book_id, sender)
);

CREATE TABLE gas_limits (
    book_id     bigint NOT NULL,
    recipient   text COLLATE "C" NOT NULL,
    per_day_max integer NOT NULL,
    PRIMARY KEY (book_id, recipient)
);

CREATE TABLE gas_standings (
    book_id   bigint NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    sender    text COLLATE "C" NOT NULL,
    standing  text COLLATE "C" NOT NULL,
    PRIMARY KEY (book_id, recipient, sender)
);
