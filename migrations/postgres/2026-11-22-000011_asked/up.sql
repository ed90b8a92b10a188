-- More time that an agency asked for, and what was decided. At most one question of a request is open.
CREATE TABLE request_waits (
    id TEXT PRIMARY KEY NOT NULL,
    request_id TEXT NOT NULL REFERENCES requests (id),
    asked_at TIMESTAMP NOT NULL,
    until DATE NOT NULL,
    reason BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'agreed', 'refused', 'overtaken')),
    decided_at TIMESTAMP,
    decided_by BYTEA,
    answer BYTEA,
    version INTEGER NOT NULL
);

CREATE INDEX request_waits_of_request ON request_waits (request_id, asked_at);

CREATE UNIQUE INDEX request_waits_open ON request_waits (request_id) WHERE state = 'asked';
