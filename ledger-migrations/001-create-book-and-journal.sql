-- The book, its accounts and its journal.
--
-- book_id stands first in every key, so that the same statements run on plain Postgres and sharded by book_id. Sequence, time and
-- hash of an entry are given by the book's single writer, inside the transaction that advances books.head_seq under its epoch.
-- An account's four counters are kept with each posting, after it: the account's state at any sequence is its last posting at or
-- before it, nothing is ever updated, and a busy account costs no more than a quiet one.
CREATE TABLE books (
    book_id         bigint PRIMARY KEY,
    name            text COLLATE "C" NOT NULL,
    node_did        text COLLATE "C" NOT NULL,
    is_development  boolean NOT NULL,
    epoch           bigint NOT NULL DEFAULT 0,
    lease_holder    text COLLATE "C" NOT NULL DEFAULT '',
    lease_until     timestamptz NOT NULL DEFAULT '-infinity',
    head_seq        bigint NOT NULL DEFAULT 0,
    head_hash       bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    head_time_ms    bigint NOT NULL DEFAULT 0,
    next_account_id bigint NOT NULL DEFAULT 1,
    CHECK (head_seq >= 0 AND next_account_id >= 1 AND octet_length(head_hash) = 32)
) WITH (fillfactor = 10);

CREATE TABLE accounts (
    book_id    bigint NOT NULL,
    account_id bigint NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    currency   text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    detail     text COLLATE "C" NOT NULL,
    PRIMARY KEY (book_id, account_id),
    UNIQUE (book_id, owner, currency, kind, detail)
);

CREATE TABLE entries (
    book_id      bigint NOT NULL,
    seq          bigint NOT NULL,
    time_ms      bigint NOT NULL,
    effective_on integer NOT NULL,
    cause_kind   text COLLATE "C" NOT NULL,
    cause_id     text COLLATE "C" NOT NULL,
    body         bytea NOT NULL,
    hash         bytea NOT NULL,
    PRIMARY KEY (book_id, seq)
);

-- side: 0 debit, 1 credit, 2 pending debit, 3 pending credit. Amounts are minor units; only pending ones may be negative.
CREATE TABLE postings (
    book_id         bigint NOT NULL,
    account_id      bigint NOT NULL,
    seq             bigint NOT NULL,
    side            smallint NOT NULL,
    amount          bigint NOT NULL,
    posted_debits   bigint NOT NULL,
    posted_credits  bigint NOT NULL,
    pending_debits  bigint NOT NULL,
    pending_credits bigint NOT NULL,
    PRIMARY KEY (book_id, account_id, seq, side)
);
