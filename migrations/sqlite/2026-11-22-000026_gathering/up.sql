-- Reminders to a whole agency can be held, over all its cases.
CREATE TABLE agency_holds (
    id TEXT PRIMARY KEY NOT NULL,
    agency TEXT NOT NULL,
    last_day TEXT,
    held_at TEXT NOT NULL,
    ended_at TEXT,
    version INTEGER NOT NULL,
    organisation BLOB,
    why BLOB NOT NULL,
    held_by BLOB NOT NULL,
    ended_by BLOB
) STRICT;

CREATE INDEX agency_holds_in_force ON agency_holds (agency) WHERE ended_at IS NULL;

-- Of what stopped a clock, only the day may be known.
ALTER TABLE clocks ADD COLUMN stopped_day INTEGER NOT NULL DEFAULT 0;

-- Answers of others are shown to an agency that said that it knew the child, and to no other.
ALTER TABLE requests ADD COLUMN knew_child INTEGER NOT NULL DEFAULT 0;

-- When a mail server said that a message which had left will never arrive.
ALTER TABLE outbox ADD COLUMN bounced_at TEXT;

-- Wrong tries to sign in, over all servers; a mark is a keyed hash of what is counted.
CREATE TABLE tries (
    mark TEXT PRIMARY KEY NOT NULL,
    wrong INTEGER NOT NULL,
    last_at TEXT NOT NULL
) STRICT;

CREATE INDEX tries_by_last_at ON tries (last_at);

-- A paper of a meeting is a document of its case.
ALTER TABLE documents ADD COLUMN meeting_id TEXT REFERENCES meetings (id);

CREATE INDEX documents_by_meeting ON documents (meeting_id) WHERE meeting_id IS NOT NULL;

-- Who had opened a request before it was asked whether the child was known goes on as before.
UPDATE requests SET knew_child = 1 WHERE state IN ('opened', 'sent_back');
