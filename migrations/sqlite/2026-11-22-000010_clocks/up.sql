-- What is known to have happened to a case (about = '') or to one of its requests, as far as clocks look at it.
CREATE TABLE clock_events (
    case_id TEXT NOT NULL REFERENCES cases (id),
    about TEXT NOT NULL,
    occasion TEXT NOT NULL,
    at TEXT NOT NULL,
    whole_day INTEGER NOT NULL CHECK (whole_day IN (0, 1)),
    given INTEGER NOT NULL CHECK (given IN (0, 1)),
    source TEXT NOT NULL,
    asked TEXT,
    PRIMARY KEY (case_id, about, occasion)
) STRICT;

-- A clock that was started, with its definition as it was then.
CREATE TABLE clocks (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    about TEXT NOT NULL,
    clock TEXT NOT NULL,
    run INTEGER NOT NULL,
    definition TEXT NOT NULL,
    started_at TEXT NOT NULL,
    whole_day INTEGER NOT NULL CHECK (whole_day IN (0, 1)),
    due_at TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'met', 'missed', 'excused', 'cancelled')),
    paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
    stopped_at TEXT,
    excused_at TEXT,
    excused_by BLOB,
    excuse BLOB,
    held_at TEXT,
    held_by BLOB,
    held_why BLOB,
    created_at TEXT NOT NULL,
    UNIQUE (case_id, about, clock, run)
) STRICT;

CREATE INDEX clocks_by_outcome_due_at ON clocks (outcome, due_at);

-- The due times that a clock had before.
CREATE TABLE clock_dues (
    id TEXT PRIMARY KEY NOT NULL,
    clock_id TEXT NOT NULL REFERENCES clocks (id),
    due_at TEXT NOT NULL,
    replaced_at TEXT NOT NULL
) STRICT;

CREATE INDEX clock_dues_of_clock ON clock_dues (clock_id, replaced_at);

CREATE TABLE clock_pauses (
    id TEXT PRIMARY KEY NOT NULL,
    clock_id TEXT NOT NULL REFERENCES clocks (id),
    reason TEXT NOT NULL,
    from_at TEXT NOT NULL,
    to_at TEXT,
    words BLOB NOT NULL,
    paused_by BLOB NOT NULL,
    resumed_by BLOB
) STRICT;

CREATE INDEX clock_pauses_of_clock ON clock_pauses (clock_id, from_at);

-- The rungs of a clock's ladder of reminders, each once: it waits, rests while its clock stands, was passed over,
-- or was sent.
CREATE TABLE clock_rungs (
    clock_id TEXT NOT NULL REFERENCES clocks (id),
    rung TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'resting', 'passed', 'sent')),
    done_at TEXT,
    PRIMARY KEY (clock_id, rung)
) STRICT;

CREATE INDEX clock_rungs_by_state_at ON clock_rungs (state, at);

-- The address of a person's calendar: a keyed hash of its secret, one for each account.
CREATE TABLE calendars (
    user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    read_at TEXT
) STRICT;
