-- Meetings about deaths: the joint agency response's, the review meeting, the panel. Who is invited, the minutes, and the
-- actions that come of them. What somebody said or is called is sealed; what is counted and sorted stays plain.
CREATE TABLE meetings (
    id TEXT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('response', 'review', 'panel')),
    case_id TEXT REFERENCES cases (id),
    state TEXT NOT NULL CHECK (state IN ('planned', 'held', 'cancelled')),
    starts_at TEXT NOT NULL,
    minutes_long INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    signed_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    place BLOB NOT NULL,
    minutes BLOB,
    signed_by BLOB,
    reason BLOB
) STRICT;

CREATE INDEX meetings_of_case ON meetings (case_id, starts_at);
CREATE INDEX meetings_by_time ON meetings (starts_at);

CREATE TABLE meeting_people (
    id TEXT PRIMARY KEY NOT NULL,
    meeting_id TEXT NOT NULL REFERENCES meetings (id),
    user_id TEXT REFERENCES users (id),
    agency TEXT,
    is_chair INTEGER NOT NULL,
    was_involved INTEGER NOT NULL,
    reply TEXT NOT NULL,
    attendance TEXT NOT NULL,
    invited INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    name BLOB NOT NULL,
    role BLOB NOT NULL,
    email BLOB
) STRICT;

CREATE INDEX meeting_people_of_meeting ON meeting_people (meeting_id, created_at);
CREATE INDEX meeting_people_by_user ON meeting_people (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE actions (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT REFERENCES cases (id),
    meeting_id TEXT REFERENCES meetings (id),
    kind TEXT NOT NULL CHECK (kind IN ('action', 'recommendation')),
    state TEXT NOT NULL,
    set_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    closed_on TEXT,
    look_on TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL,
    owner_email BLOB,
    saved_by BLOB NOT NULL
) STRICT;

CREATE INDEX actions_by_due ON actions (state, due_on);
CREATE INDEX actions_of_case ON actions (case_id, due_on);
CREATE INDEX actions_of_meeting ON actions (meeting_id);

ALTER TABLE outbox ADD COLUMN calendar BLOB;
