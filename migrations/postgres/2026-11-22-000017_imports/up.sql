-- Files of notifications: what was checked, what became of each row, and whether it was undone.
CREATE TABLE imports (
    id TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('checked', 'committed', 'undone', 'discarded')),
    created_at TIMESTAMP NOT NULL,
    committed_at TIMESTAMP,
    undone_at TIMESTAMP,
    created INTEGER NOT NULL,
    matched INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    version INTEGER NOT NULL,
    made_by BYTEA NOT NULL,
    content BYTEA NOT NULL,
    lines BYTEA NOT NULL
);

CREATE INDEX imports_by_created_at ON imports (created_at);
