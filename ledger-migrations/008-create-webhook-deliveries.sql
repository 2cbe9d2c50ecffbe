-- Outbound webhooks: who is told of what happens in the book, and what was delivered.
--
-- The journal is the outbox: nothing is written when an entry is. A feed follows entries.seq with a cursor and writes a row per entry
-- and endpoint that is to be told, in the transaction that moves the cursor. A delivery's id follows from its endpoint and its entry, so
-- that a row written twice is one row, and its body is kept as the bytes that are signed and sent, the same in every attempt.

-- Whoever feeds, registers an endpoint or enables one again holds this row's lock: nothing falls between two of them.
CREATE TABLE webhook_cursors (
    book_id     bigint NOT NULL,
    seq         bigint NOT NULL,
    moved_at_ms bigint NOT NULL,
    PRIMARY KEY (book_id)
);

-- event_types: comma-separated. from_seq: entries up to it are not for this endpoint. behind_seq: null while the endpoint is in step with
-- the cursor; else what came after it is still to be written, and behind_until_seq says up to where, once the endpoint is enabled again.
CREATE TABLE webhook_endpoints (
    book_id          bigint NOT NULL,
    endpoint_id      text COLLATE "C" NOT NULL,
    owner            text COLLATE "C" NOT NULL,
    url              text COLLATE "C" NOT NULL,
    event_types      text COLLATE "C" NOT NULL,
    status           text COLLATE "C" NOT NULL,
    disabled_reason  text COLLATE "C",
    failures         bigint NOT NULL DEFAULT 0,
    failing_since_ms bigint,
    from_seq         bigint NOT NULL,
    behind_seq       bigint,
    behind_until_seq bigint,
    created_at_ms    bigint NOT NULL,
    updated_at_ms    bigint NOT NULL,
    PRIMARY KEY (book_id, endpoint_id),
    UNIQUE (book_id, owner, url)
);

-- Secrets are kept as they are, like those of session_keys: who reads this database can sign. Several are valid while one replaces
-- another.
CREATE TABLE webhook_secrets (
    book_id       bigint NOT NULL,
    endpoint_id   text COLLATE "C" NOT NULL,
    number        bigint NOT NULL,
    secret        bytea NOT NULL,
    expires_at_ms bigint,
    PRIMARY KEY (book_id, endpoint_id, number)
);

-- status: pending, delivered, failed. next_at_ms: when a pending one may be taken; while somebody has it (claim), when it may be taken
-- from him. seq: 0 for what no entry caused.
CREATE TABLE webhook_deliveries (
    book_id       bigint NOT NULL,
    delivery_id   text COLLATE "C" NOT NULL,
    endpoint_id   text COLLATE "C" NOT NULL,
    seq           bigint NOT NULL,
    type          text COLLATE "C" NOT NULL,
    body          bytea NOT NULL,
    status        text COLLATE "C" NOT NULL,
    attempts      integer NOT NULL DEFAULT 0,
    created_at_ms bigint NOT NULL,
    next_at_ms    bigint NOT NULL,
    claim         text COLLATE "C" NOT NULL DEFAULT '',
    last_at_ms    bigint,
    last_status   integer,
    last_error    text COLLATE "C",
    last_excerpt  text COLLATE "C",
    ended_at_ms   bigint,
    PRIMARY KEY (book_id, delivery_id)
) WITH (fillfactor = 70);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (book_id, endpoint_id, next_at_ms, seq) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_made ON webhook_deliveries (book_id, endpoint_id, created_at_ms, delivery_id);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (book_id, ended_at_ms) WHERE ended_at_ms IS NOT NULL;
