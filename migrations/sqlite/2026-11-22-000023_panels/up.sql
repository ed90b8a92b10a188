-- A panel: what it is about, the cases listed for it under a number of its own, who has an interest in which of them, and
-- the analysis as a chair signed it.
ALTER TABLE meetings ADD COLUMN theme TEXT;

CREATE TABLE panel_items (
    id TEXT PRIMARY KEY NOT NULL,
    meeting_id TEXT NOT NULL REFERENCES meetings (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    position INTEGER NOT NULL,
    pack_number TEXT NOT NULL,
    route TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('listed', 'deferred', 'reviewed', 'taken_off')),
    chair_id TEXT,
    deferral TEXT,
    next_date TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    reasons BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX panel_items_by_number ON panel_items (meeting_id, pack_number);
CREATE INDEX panel_items_of_case ON panel_items (case_id, created_at);

CREATE TABLE panel_interests (
    id TEXT PRIMARY KEY NOT NULL,
    item_id TEXT NOT NULL REFERENCES panel_items (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    person_id TEXT NOT NULL,
    user_id TEXT REFERENCES users (id),
    interest TEXT NOT NULL CHECK (interest IN ('none', 'professional', 'line_managed', 'personal')),
    stays INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    decided_by BLOB
) STRICT;

CREATE UNIQUE INDEX panel_interests_of_item ON panel_interests (item_id, person_id);
CREATE INDEX panel_interests_by_user ON panel_interests (user_id, case_id) WHERE user_id IS NOT NULL;

CREATE TABLE signed_analyses (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    item_id TEXT REFERENCES panel_items (id),
    number INTEGER NOT NULL,
    form_version TEXT NOT NULL,
    signed_at TEXT NOT NULL,
    answers BLOB NOT NULL,
    signed_by BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX signed_analyses_of_case ON signed_analyses (case_id, number);
