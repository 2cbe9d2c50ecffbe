-- What payouts were sent of late, for a rail's daily limit: also those that the rail has accepted and not finished.
DROP INDEX lifecycles_sent;
CREATE INDEX lifecycles_sent ON lifecycles (book_id, rail, currency, changed_at_ms)
    WHERE kind = 'payout' AND status IN ('sending', 'sent', 'paid');
-- Payouts that are about to be sent count against that limit before the journal knows of them, in every process.
CREATE TABLE rail_promises (
    book_id        bigint NOT NULL,
    rail           text COLLATE "C" NOT NULL,
    payout         text COLLATE "C" NOT NULL,
    currency       text COLLATE "C" NOT NULL,
    amount         bigint NOT NULL,
    promised_at_ms bigint NOT NULL,
    PRIMARY KEY (book_id, rail, payout)
);
-- Each try to make somebody's account is followed to its end: standing is made, failed or lapsed, and NULL until that is known. What was
-- spent is an entry of the journal, borne by bearer where that is not empty. Of accounts claimed before this was kept it is not known whether they were made: they count as made.
ALTER TABLE rail_openings
    ADD COLUMN reference text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN prepared bytea NOT NULL DEFAULT '',
    ADD COLUMN standing text COLLATE "C" DEFAULT 'made',
    ADD COLUMN bearer text COLLATE "C" NOT NULL DEFAULT '',
    DROP COLUMN taken_by,
    DROP CONSTRAINT rail_openings_pkey,
    ADD PRIMARY KEY (book_id, rail, owner, token, reference);
ALTER TABLE rail_openings
    ALTER COLUMN reference DROP DEFAULT,
    ALTER COLUMN prepared DROP DEFAULT,
    ALTER COLUMN standing DROP DEFAULT,
    ALTER COLUMN bearer DROP DEFAULT;
CREATE INDEX rail_openings_open ON rail_openings (book_id, rail, claimed_at_ms) WHERE standing IS NULL;
-- The node's own address at a rail, fixed when it was first used: payers were told to pay there.
CREATE TABLE rail_treasuries (
    book_id     bigint NOT NULL,
    rail        text COLLATE "C" NOT NULL,
    address     text COLLATE "C" NOT NULL,
    since_ms    bigint NOT NULL,
    until_ms    bigint,
    PRIMARY KEY (book_id, rail, address, since_ms)
);
CREATE UNIQUE INDEX rail_treasuries_current ON rail_treasuries (book_id, rail) WHERE until_ms IS NULL;
