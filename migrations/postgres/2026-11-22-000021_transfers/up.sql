-- Cases handed to another panel or taken over from one, as an encrypted file. What stays of one that was refused is
-- this row: never a name.
CREATE TABLE transfers (
    id TEXT PRIMARY KEY NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('out', 'in')),
    state TEXT NOT NULL CHECK (state IN ('made', 'accepted', 'refused', 'replaced', 'looked', 'taken')),
    -- The name that the file gives itself, so that it is taken in once.
    file_id TEXT NOT NULL,
    case_id TEXT REFERENCES cases (id),
    panel TEXT NOT NULL,
    theirs TEXT,
    agreed_on DATE NOT NULL,
    learning_due DATE NOT NULL,
    size BIGINT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    answered_at TIMESTAMP,
    -- Opens the file where it lies among the documents; gone when the file is done with.
    sealed_key TEXT,
    made_by BYTEA NOT NULL,
    reason BYTEA NOT NULL,
    agreed_by BYTEA NOT NULL,
    learning BYTEA NOT NULL,
    answered_by BYTEA,
    answer BYTEA,
    version INTEGER NOT NULL
);

CREATE INDEX transfers_by_made_at ON transfers (made_at);
CREATE INDEX transfers_by_case_id ON transfers (case_id);
CREATE INDEX transfers_by_file_id ON transfers (file_id);
