-- An endpoint that is behind has a place of its own in the journal, and is fed from there until it is in step with the cursor: once it
-- is enabled again, or after more deliveries waited for it than are kept waiting. behind_seq: null while it is in step.
-- fed_at_ms: when a delivery was last written for one that is behind, milliseconds since 1970.
ALTER TABLE webhook_endpoints
    DROP COLUMN behind_until_seq,
    ADD COLUMN fed_at_ms bigint NOT NULL DEFAULT 0;
