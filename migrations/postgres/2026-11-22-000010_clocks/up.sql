-- What is known to have happened to a case (about = '') or to one of its requests, as far as clocks look at it.
CREATE TABLE clock_events (
    case_id TEXT NOT NULL REFERENCES cases (id),
    about TEXT NOT NULL,
    occasion TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    whole_day BOOLEAN NOT NULL,
    given BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    asked TEXT,
    PRIMARY KEY (case_id, about, occasion)
);

-- A clock that was started, with its definition as it was then.
CREATE TABLE clocks (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    about TEXT NOT NULL,
    clock TEXT NOT NULL,
    run INTEGER NOT NULL,
    definition TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    whole_day BOOLEAN NOT NULL,
    due_at TIMESTAMP,
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'met', 'missed', 'excused', 'cancelled')),
    paused BOOLEAN NOT NULL,
    stopped_at TIMESTAMP,
    excused_at TIMESTAMP,
    excused_by BYTEA,
    excuse BYTEA,
    held_at TIMESTAMP,
    held_by BYTEA,
    held_why BYTEA,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (case_id, about, clock, run)
);

CREATE INDEX clocks_by_outcome_due_at ON clocks (outcome, due_at);

-- The due times that a clock had before.
CREATE TABLE clock_dues (
    id TEXT PRIMARY KEY NOT NULL,
    clock_id TEXT NOT NULL REFERENCES clocks (id),
    due_at TIMESTAMP NOT NULL,
    replaced_at TIMESTAMP NOT NULL
);

CREATE INDEX clock_dues_of_clock ON clock_dues (clock_id, replaced_at);

CREATE TABLE clock_pauses (
    id TEXT PRIMARY KEY NOT NULL,
    clock_id TEXT NOT NULL REFERENCES clocks (id),
    reason TEXT NOT NULL,
    from_at TIMESTAMP NOT NULL,
    to_at TIMESTAMP,
    words BYTEA NOT NULL,
    paused_by BYTEA NOT NULL,
    resumed_by BYTEA
);

CREATE INDEX clock_pauses_of_clock ON clock_pauses (clock_id, from_at);

-- The rungs of a clock's ladder of reminders, each once: it waits, rests while its clock stands, was passed over,
-- or was sent.
CREATE TABLE clock_rungs (
    clock_id TEXT NOT NULL REFERENCES clocks (id),
    rung TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'resting', 'passed', 'sent')),
    done_at TIMESTAMP,
    PRIMARY KEY (clock_id, rung)
);

CREATE INDEX clock_rungs_by_state_at ON clock_rungs (state, at);

-- The address of a person's calendar: a keyed hash of its secret, one for each account.
CREATE TABLE calendars (
    user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    read_at TIMESTAMP
);
