-- Meetings about deaths: the joint agency response's, the review meeting, the panel. Who is invited, the minutes, and the
-- actions that come of them. What somebody said or is called is sealed; what is counted and sorted stays plain.
CREATE TABLE meetings (
    id TEXT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('response', 'review', 'panel')),
    case_id TEXT REFERENCES cases (id),
    state TEXT NOT NULL CHECK (state IN ('planned', 'held', 'cancelled')),
    starts_at TIMESTAMP NOT NULL,
    minutes_long INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    signed_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL,
    place BYTEA NOT NULL,
    minutes BYTEA,
    signed_by BYTEA,
    reason BYTEA
);

CREATE INDEX meetings_of_case ON meetings (case_id, starts_at);
CREATE INDEX meetings_by_time ON meetings (starts_at);

CREATE TABLE meeting_people (
    id TEXT PRIMARY KEY NOT NULL,
    meeting_id TEXT NOT NULL REFERENCES meetings (id),
    user_id TEXT REFERENCES users (id),
    agency TEXT,
    is_chair BOOLEAN NOT NULL,
    was_involved BOOLEAN NOT NULL,
    reply TEXT NOT NULL,
    attendance TEXT NOT NULL,
    invited INTEGER,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL,
    name BYTEA NOT NULL,
    role BYTEA NOT NULL,
    email BYTEA
);

CREATE INDEX meeting_people_of_meeting ON meeting_people (meeting_id, created_at);
CREATE INDEX meeting_people_by_user ON meeting_people (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE actions (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT REFERENCES cases (id),
    meeting_id TEXT REFERENCES meetings (id),
    kind TEXT NOT NULL CHECK (kind IN ('action', 'recommendation')),
    state TEXT NOT NULL,
    set_on DATE NOT NULL,
    due_on DATE NOT NULL,
    closed_on DATE,
    look_on DATE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL,
    body BYTEA NOT NULL,
    owner_email BYTEA,
    saved_by BYTEA NOT NULL
);

CREATE INDEX actions_by_due ON actions (state, due_on);
CREATE INDEX actions_of_case ON actions (case_id, due_on);
CREATE INDEX actions_of_meeting ON actions (meeting_id);

ALTER TABLE outbox ADD COLUMN calendar BYTEA;
