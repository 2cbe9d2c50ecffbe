-- What lives longer than one entry: payments in, payouts, refunds by a rail, disputes, escrows, and how people want to be paid out.
--
-- The book's writer changes a row only together with an entry of the journal, in one transaction. state is the machine's value, the
-- columns beside it are what rows are found by. lifecycle_events keeps each row's life for ever.
CREATE TABLE lifecycles (
    book_id       bigint NOT NULL,
    lifecycle_id  text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    owner         text COLLATE "C" NOT NULL,
    creator       text COLLATE "C" NOT NULL,
    rail          text COLLATE "C" NOT NULL,
    reference     text COLLATE "C" NOT NULL,
    parent        text COLLATE "C" NOT NULL,
    status        text COLLATE "C" NOT NULL,
    currency      text COLLATE "C" NOT NULL,
    amount        bigint NOT NULL,
    due_at_ms     bigint,
    version       bigint NOT NULL,
    made_at_ms    bigint NOT NULL,
    changed_at_ms bigint NOT NULL,
    state         jsonb NOT NULL,
    PRIMARY KEY (book_id, lifecycle_id)
);
CREATE INDEX lifecycles_due ON lifecycles (book_id, due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE INDEX lifecycles_reference ON lifecycles (book_id, rail, reference) WHERE reference <> '';
CREATE INDEX lifecycles_owner ON lifecycles (book_id, owner, kind, lifecycle_id);
CREATE INDEX lifecycles_kind ON lifecycles (book_id, kind, lifecycle_id);
CREATE INDEX lifecycles_parent ON lifecycles (book_id, parent) WHERE parent <> '';
-- What waits for a person, so that counting it does not read the rest: payouts that stopped, open disputes, and money that arrived and is
-- neither spent nor on its way back, in suspense or after a refund that failed.
CREATE INDEX lifecycles_attention ON lifecycles (book_id, kind, status) WHERE status IN ('stopped', 'open', 'suspended', 'settled')
    AND (kind = 'payout' OR kind = 'dispute'
        OR (kind = 'payment' AND state #> '{payment,_0,unspentMinor}' <> '0'::jsonb));

CREATE TABLE lifecycle_events (
    book_id      bigint NOT NULL,
    lifecycle_id text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    seq          bigint NOT NULL,
    time_ms      bigint NOT NULL,
    name         text COLLATE "C" NOT NULL,
    status       text COLLATE "C" NOT NULL,
    note         text COLLATE "C" NOT NULL,
    PRIMARY KEY (book_id, lifecycle_id, version)
);
