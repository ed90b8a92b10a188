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
