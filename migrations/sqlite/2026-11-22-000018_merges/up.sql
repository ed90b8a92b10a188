-- Cases that are read under another one, because both are of the same death. Nothing of them moves.
CREATE TABLE case_merges (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL UNIQUE REFERENCES cases (id),
    into_id TEXT NOT NULL REFERENCES cases (id),
    state_before TEXT NOT NULL,
    since TEXT NOT NULL,
    merged_by BLOB NOT NULL,
    reason BLOB NOT NULL
) STRICT;

CREATE INDEX case_merges_by_into_id ON case_merges (into_id);
