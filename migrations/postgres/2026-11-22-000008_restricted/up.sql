-- Cases that only named people see: why, and since when. A case without a line here is not restricted.
CREATE TABLE case_restrictions (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL UNIQUE REFERENCES cases (id),
    since TIMESTAMP NOT NULL,
    restricted_by BYTEA NOT NULL,
    reason BYTEA NOT NULL
);

CREATE TABLE case_named (
    case_id TEXT NOT NULL REFERENCES cases (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    since TIMESTAMP NOT NULL,
    PRIMARY KEY (case_id, user_id)
);

CREATE INDEX case_named_of_user ON case_named (user_id, case_id);

-- A restricted case opened for a few hours by somebody who is not named, and what an auditor made of it.
CREATE TABLE case_openings (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    opened_by BYTEA NOT NULL,
    why TEXT NOT NULL,
    words BYTEA NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    reviewed_at TIMESTAMP,
    reviewed_by BYTEA,
    outcome TEXT,
    review BYTEA,
    version INTEGER NOT NULL
);

CREATE INDEX case_openings_of_user ON case_openings (case_id, user_id, ends_at);

CREATE INDEX case_openings_by_opened_at ON case_openings (opened_at, id);
