-- Reminders to a whole agency can be held, over all its cases.
CREATE TABLE agency_holds (
    id TEXT PRIMARY KEY NOT NULL,
    agency TEXT NOT NULL,
    last_day DATE,
    held_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    version INTEGER NOT NULL,
    organisation BYTEA,
    why BYTEA NOT NULL,
    held_by BYTEA NOT NULL,
    ended_by BYTEA
);

CREATE INDEX agency_holds_in_force ON agency_holds (agency) WHERE ended_at IS NULL;

-- Of what stopped a clock, only the day may be known.
ALTER TABLE clocks ADD COLUMN stopped_day BOOLEAN NOT NULL DEFAULT FALSE;

-- Answers of others are shown to an agency that said that it knew the child, and to no other.
ALTER TABLE requests ADD COLUMN knew_child BOOLEAN NOT NULL DEFAULT FALSE;

-- When a mail server said that a message which had left will never arrive.
ALTER TABLE outbox ADD COLUMN bounced_at TIMESTAMP;

-- Wrong tries to sign in, over all servers; a mark is a keyed hash of what is counted.
CREATE TABLE tries (
    mark TEXT PRIMARY KEY NOT NULL,
    wrong INTEGER NOT NULL,
    last_at TIMESTAMP NOT NULL
);

CREATE INDEX tries_by_last_at ON tries (last_at);

-- A paper of a meeting is a document of its case.
ALTER TABLE documents ADD COLUMN meeting_id TEXT REFERENCES meetings (id);

CREATE INDEX documents_by_meeting ON documents (meeting_id) WHERE meeting_id IS NOT NULL;

-- Who had opened a request before it was asked whether the child was known goes on as before.
UPDATE requests SET knew_child = TRUE WHERE state IN ('opened', 'sent_back');
