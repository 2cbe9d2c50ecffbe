-- The signing mailbox, which keeps nothing past a request's expiry, and how far each peer's log has been read.
CREATE TABLE sign_requests (
    cid             text COLLATE "C" PRIMARY KEY,
    sequence        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    requester_did   text COLLATE "C" NOT NULL,
    subject_did     text COLLATE "C" NOT NULL,
    payload_type    text COLLATE "C" NOT NULL,
    payload         bytea NOT NULL,
    expires_at_ms   bigint NOT NULL,
    deposited_at_ms bigint NOT NULL,
    is_declined     boolean NOT NULL DEFAULT false,
    token           text NOT NULL,
    response        text
);
CREATE INDEX sign_requests_by_subject ON sign_requests (subject_did, sequence);
CREATE INDEX sign_requests_by_expiry ON sign_requests (expires_at_ms);

CREATE TABLE peer_cursors (
    endpoint        text COLLATE "C" PRIMARY KEY,
    after           text COLLATE "C",
    read_at_ms      bigint NOT NULL
);
