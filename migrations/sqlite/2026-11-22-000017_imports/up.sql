-- Files of notifications: what was checked, what became of each row, and whether it was undone.
CREATE TABLE imports (
    id TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('checked', 'committed', 'undone', 'discarded')),
    created_at TEXT NOT NULL,
    committed_at TEXT,
    undone_at TEXT,
    created INTEGER NOT NULL,
    matched INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    version INTEGER NOT NULL,
    made_by BLOB NOT NULL,
    content BLOB NOT NULL,
    lines BLOB NOT NULL
) STRICT;

CREATE INDEX imports_by_created_at ON imports (created_at);
