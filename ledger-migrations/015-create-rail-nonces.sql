-- A durable nonce of a rail's signs one transaction at a time: whose it is while its value stays what it was.
CREATE TABLE rail_nonces (
    book_id       bigint NOT NULL,
    rail          text COLLATE "C" NOT NULL,
    account       text COLLATE "C" NOT NULL,
    value         text COLLATE "C" NOT NULL,
    payout        text COLLATE "C" NOT NULL,
    claimed_at_ms bigint NOT NULL,
    PRIMARY KEY (book_id, rail, account)
);
