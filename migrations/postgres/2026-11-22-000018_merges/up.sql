-- Cases that are read under another one, because both are of the same death. Nothing of them moves.
CREATE TABLE case_merges (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL UNIQUE REFERENCES cases (id),
    into_id TEXT NOT NULL REFERENCES cases (id),
    state_before TEXT NOT NULL,
    since TIMESTAMP NOT NULL,
    merged_by BYTEA NOT NULL,
    reason BYTEA NOT NULL
);

CREATE INDEX case_merges_by_into_id ON case_merges (into_id);
