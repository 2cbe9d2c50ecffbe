-- How far the node has read a rail's list of movements. What is read twice changes nothing, so a position may be lost, and is kept beside
-- the journal, not in it.
CREATE TABLE rail_positions (
    book_id bigint NOT NULL,
    list    text COLLATE "C" NOT NULL,
    cursor  text COLLATE "C" NOT NULL,
    time_ms bigint NOT NULL,
    PRIMARY KEY (book_id, list)
);
-- Payments that a person has to look at wait also where nothing of them reached the node: what was paid past it stands as it landed.
DROP INDEX lifecycles_attention;
CREATE INDEX lifecycles_attention ON lifecycles (book_id, kind, status) WHERE status IN ('stopped', 'open', 'suspended', 'settled')
    AND (kind = 'payout' OR kind = 'dispute'
        OR (kind = 'payment' AND (status = 'suspended' OR state #> '{payment,_0,unspentMinor}' <> '0'::jsonb)));
-- What payouts were sent of late, for a rail's daily limit.
CREATE INDEX lifecycles_sent ON lifecycles (book_id, rail, currency, changed_at_ms)
    WHERE kind = 'payout' AND status IN ('sending', 'paid');
-- Which token of a chain a currency is, fixed when the node first dealt in it: another token under the same code would be other money.
CREATE TABLE rail_tokens (
    book_id  bigint NOT NULL,
    rail     text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    token    text COLLATE "C" NOT NULL,
    program  text COLLATE "C" NOT NULL,
    decimals smallint NOT NULL,
    PRIMARY KEY (book_id, rail, currency)
);
-- Accounts of tokens that the node paid for, once for each owner and token: who closes one keeps what stood in it.
CREATE TABLE rail_openings (
    book_id       bigint NOT NULL,
    rail          text COLLATE "C" NOT NULL,
    owner         text COLLATE "C" NOT NULL,
    token         text COLLATE "C" NOT NULL,
    cost          bigint NOT NULL,
    claimed_at_ms bigint NOT NULL,
    taken_by      text COLLATE "C",
    PRIMARY KEY (book_id, rail, owner, token)
);
CREATE INDEX rail_openings_claimed ON rail_openings (book_id, rail, claimed_at_ms);
