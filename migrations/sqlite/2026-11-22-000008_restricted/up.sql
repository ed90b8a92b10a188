-- Cases that only named people see: why, and since when. A case without a line here is not restricted.
CREATE TABLE case_restrictions (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL UNIQUE REFERENCES cases (id),
    since TEXT NOT NULL,
    restricted_by BLOB NOT NULL,
    reason BLOB NOT NULL
) STRICT;

CREATE TABLE case_named (
    case_id TEXT NOT NULL REFERENCES cases (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    since TEXT NOT NULL,
    PRIMARY KEY (case_id, user_id)
) STRICT;

CREATE INDEX case_named_of_user ON case_named (user_id, case_id);

-- A restricted case opened for a few hours by somebody who is not named, and what an auditor made of it.
CREATE TABLE case_openings (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    opened_by BLOB NOT NULL,
    why TEXT NOT NULL,
    words BLOB NOT NULL,
    opened_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    reviewed_at TEXT,
    reviewed_by BLOB,
    outcome TEXT,
    review BLOB,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX case_openings_of_user ON case_openings (case_id, user_id, ends_at);

CREATE INDEX case_openings_by_opened_at ON case_openings (opened_at, id);
