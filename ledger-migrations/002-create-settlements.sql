-- What settles: replies by caller and key, settlements, refunds, manifests, consent, holds.
--
-- A reply is stored in the transaction of its effect, so that a retry gets the first answer byte for byte. Settlements and refunds find
-- their reply by caller and key.
CREATE TABLE outcomes (
    book_id         bigint NOT NULL,
    caller          text COLLATE "C" NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    request_hash    bytea NOT NULL,
    status          smallint NOT NULL,
    code            text,
    reference       text,
    body            bytea NOT NULL,
    time_ms         bigint NOT NULL,
    PRIMARY KEY (book_id, caller, idempotency_key)
);
CREATE INDEX outcomes_refused_at ON outcomes (book_id, time_ms) WHERE code IS NOT NULL;

CREATE TABLE settlements (
    book_id         bigint NOT NULL,
    settlement_id   text COLLATE "C" NOT NULL,
    entry_seq       bigint NOT NULL,
    payer           text COLLATE "C" NOT NULL,
    gross           bigint NOT NULL,
    credit          bigint NOT NULL,
    currency        text COLLATE "C" NOT NULL,
    service         text COLLATE "C" NOT NULL,
    type            text COLLATE "C" NOT NULL,
    manifest_cid    text COLLATE "C" NOT NULL,
    caller          text COLLATE "C" NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    metadata        bytea,
    time_ms         bigint NOT NULL,
    PRIMARY KEY (book_id, settlement_id)
);

CREATE TABLE refunds (
    book_id         bigint NOT NULL,
    refund_id       text COLLATE "C" NOT NULL,
    settlement_id   text COLLATE "C" NOT NULL,
    entry_seq       bigint NOT NULL,
    amount          bigint NOT NULL,
    refunded_total  bigint NOT NULL,
    reason          text COLLATE "C" NOT NULL,
    caller          text COLLATE "C" NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    time_ms         bigint NOT NULL,
    PRIMARY KEY (book_id, settlement_id, refunded_total)
);
CREATE UNIQUE INDEX refunds_id ON refunds (book_id, refund_id);

CREATE TABLE manifests (
    book_id     bigint NOT NULL,
    cid         text COLLATE "C" NOT NULL,
    manifest_id text COLLATE "C" NOT NULL,
    signer      text COLLATE "C" NOT NULL,
    json        bytea NOT NULL,
    time_ms     bigint NOT NULL,
    PRIMARY KEY (book_id, cid)
);

CREATE TABLE manifest_owners (
    book_id     bigint NOT NULL,
    manifest_id text COLLATE "C" NOT NULL,
    signer      text COLLATE "C" NOT NULL,
    PRIMARY KEY (book_id, manifest_id)
);

CREATE TABLE customers (
    book_id bigint NOT NULL,
    payer   text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    PRIMARY KEY (book_id, payer, service)
);

CREATE TABLE allowances (
    book_id      bigint NOT NULL,
    payer        text COLLATE "C" NOT NULL,
    service      text COLLATE "C" NOT NULL,
    currency     text COLLATE "C" NOT NULL,
    max_amount   bigint NOT NULL,
    per_day      bigint NOT NULL,
    not_after_ms bigint NOT NULL,
    spent_day    bigint NOT NULL,
    spent        bigint NOT NULL,
    PRIMARY KEY (book_id, payer, service, currency)
);

CREATE TABLE authorizations (
    book_id      bigint NOT NULL,
    payer        text COLLATE "C" NOT NULL,
    nonce        text COLLATE "C" NOT NULL,
    not_after_ms bigint NOT NULL,
    PRIMARY KEY (book_id, payer, nonce)
);

CREATE TABLE holds (
    book_id       bigint NOT NULL,
    hold_id       text COLLATE "C" NOT NULL,
    from_owner    text COLLATE "C" NOT NULL,
    from_kind     text COLLATE "C" NOT NULL,
    from_detail   text COLLATE "C" NOT NULL,
    to_owner      text COLLATE "C" NOT NULL,
    to_kind       text COLLATE "C" NOT NULL,
    to_detail     text COLLATE "C" NOT NULL,
    currency      text COLLATE "C" NOT NULL,
    amount        bigint NOT NULL,
    expires_at_ms bigint,
    status        text COLLATE "C" NOT NULL,
    posted        bigint NOT NULL,
    made_seq      bigint NOT NULL,
    ended_seq     bigint NOT NULL,
    PRIMARY KEY (book_id, hold_id)
);
CREATE INDEX holds_due ON holds (book_id, expires_at_ms) WHERE status = 'pending';
