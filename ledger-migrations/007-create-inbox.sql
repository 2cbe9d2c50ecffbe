-- The events that rails sent by webhook, or that were fetched when a webhook never came: each once, kept until it was handled and for a
-- while afterwards, so that one that comes again is known.
--
-- status: received (waits, or is being handled), parked (waits: its object is unknown, or something failed), done, ignored, failed (given
-- up; visible until an operator tries it again). next_at_ms: when a received or parked one is due; while a worker has it, when another one
-- may take it. claim: counts the times it was taken, so that a worker whose time ran out does not write over its successor. attempts and
-- tried_since_ms: since it came, or since an operator tried it again.
CREATE TABLE inbox (
    book_id        bigint NOT NULL,
    source         text COLLATE "C" NOT NULL,
    event_id       text COLLATE "C" NOT NULL,
    event_type     text COLLATE "C" NOT NULL,
    object_id      text COLLATE "C" NOT NULL,
    account        text COLLATE "C" NOT NULL,
    payload        bytea NOT NULL,
    received_at_ms bigint NOT NULL,
    status         text COLLATE "C" NOT NULL,
    next_at_ms     bigint NOT NULL,
    claim          bigint NOT NULL,
    attempts       bigint NOT NULL,
    tried_since_ms bigint,
    reason         text COLLATE "C" NOT NULL,
    PRIMARY KEY (book_id, source, event_id)
);
CREATE INDEX inbox_due ON inbox (book_id, next_at_ms) WHERE status IN ('received', 'parked');
CREATE INDEX inbox_status ON inbox (book_id, status, received_at_ms);

-- How far the list of a provider's events was read. round_started_ms and page: of a round that is not at its end.
CREATE TABLE inbox_sweeps (
    book_id          bigint NOT NULL,
    name             text COLLATE "C" NOT NULL,
    swept_until_ms   bigint NOT NULL,
    round_started_ms bigint,
    page             text COLLATE "C",
    PRIMARY KEY (book_id, name)
);
