-- Whoever signed a manifest that the book recorded was here before, with an account or without: after a restart while the relay is
-- out such signers go on, and strangers do not. Asked by the signer.
CREATE INDEX manifest_owners_signer ON manifest_owners (book_id, signer);

-- When an operator found out which of two chains is whose, and kept the first; null while payouts are frozen.
ALTER TABLE identity_bindings ADD COLUMN conflict_resolved_at_ms bigint;
DROP INDEX identity_bindings_conflict;
CREATE INDEX identity_bindings_conflict ON identity_bindings (book_id, did)
    WHERE conflict_dfos_did IS NOT NULL AND conflict_resolved_at_ms IS NULL;

-- What a payer signed, beside the settlement that was made by it: authorizations forgets a nonce when its time is over, and the
-- statement is the evidence of the payer's consent for as long as the settlement stands.
CREATE TABLE consents (
    book_id       bigint NOT NULL,
    settlement_id text COLLATE "C" NOT NULL,
    payer         text COLLATE "C" NOT NULL,
    token         text COLLATE "C" NOT NULL,
    time_ms       bigint NOT NULL,
    PRIMARY KEY (book_id, settlement_id)
);
