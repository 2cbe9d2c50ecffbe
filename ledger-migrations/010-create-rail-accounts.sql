-- Which account at a rail is whose, and the request that makes one and whose answer is not known yet.
--
-- One row per person and rail, changed only where the version is the one that was read.
CREATE TABLE rail_accounts (
    book_id    bigint NOT NULL,
    rail       text COLLATE "C" NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    version    bigint NOT NULL,
    account    text COLLATE "C",
    attempt    bytea,
    attempt_key text COLLATE "C",
    attempt_at_ms bigint,
    PRIMARY KEY (book_id, rail, owner)
);
