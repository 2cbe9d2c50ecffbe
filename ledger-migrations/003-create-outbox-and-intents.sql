-- What leaves the book after a commit, and what reaches its writer from other processes.
CREATE TABLE outbox (
    book_id bigint NOT NULL,
    seq     bigint NOT NULL,
    ordinal smallint NOT NULL,
    topic   text COLLATE "C" NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (book_id, seq, ordinal)
);

CREATE TABLE attestations (
    book_id bigint NOT NULL,
    cid     text COLLATE "C" NOT NULL,
    seq     bigint NOT NULL,
    payload bytea NOT NULL,
    jws     text COLLATE "C" NOT NULL,
    PRIMARY KEY (book_id, cid)
);

CREATE TABLE intents (
    book_id   bigint NOT NULL,
    intent_id text COLLATE "C" NOT NULL,
    commands  bytea NOT NULL,
    made_at   timestamptz NOT NULL,
    PRIMARY KEY (book_id, intent_id)
);
CREATE INDEX intents_made_at ON intents (book_id, made_at);

-- Written with the intent's end, read once by whoever waits and then deleted; what nobody fetched is deleted after an hour.
CREATE TABLE intent_answers (
    book_id   bigint NOT NULL,
    intent_id text COLLATE "C" NOT NULL,
    decisions bytea NOT NULL,
    made_at   timestamptz NOT NULL,
    PRIMARY KEY (book_id, intent_id)
);
