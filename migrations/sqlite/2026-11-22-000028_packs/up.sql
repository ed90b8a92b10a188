-- The anonymised account of a case for a panel: what it is made from with what is decided on each proposal, what was
-- released of it (which holds nothing that was taken out), who read it, private notes, and questions to agencies.
CREATE TABLE packs (
    id TEXT PRIMARY KEY NOT NULL,
    item_id TEXT NOT NULL REFERENCES panel_items (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- JSON: ids of the documents whose words are in it
    documents TEXT NOT NULL,
    -- keyed index of everything that it was made from
    made_from TEXT NOT NULL,
    first_signer TEXT REFERENCES users (id),
    first_signed_at TEXT,
    second_signer TEXT REFERENCES users (id),
    second_signed_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    parts BLOB NOT NULL,
    decisions BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX packs_of_item ON packs (item_id);
CREATE INDEX packs_of_case ON packs (case_id);

CREATE TABLE released_packs (
    id TEXT PRIMARY KEY NOT NULL,
    item_id TEXT NOT NULL REFERENCES panel_items (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    number INTEGER NOT NULL,
    made_from TEXT NOT NULL,
    released_at TEXT NOT NULL,
    paper BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX released_packs_of_item ON released_packs (item_id, number);

CREATE TABLE pack_reads (
    id TEXT PRIMARY KEY NOT NULL,
    released_id TEXT NOT NULL REFERENCES released_packs (id),
    item_id TEXT NOT NULL REFERENCES panel_items (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    read_at TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX pack_reads_once ON pack_reads (released_id, user_id);

CREATE TABLE pack_notes (
    id TEXT PRIMARY KEY NOT NULL,
    item_id TEXT NOT NULL REFERENCES panel_items (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX pack_notes_of ON pack_notes (item_id, user_id);

CREATE TABLE pack_questions (
    id TEXT PRIMARY KEY NOT NULL,
    item_id TEXT NOT NULL REFERENCES panel_items (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    state TEXT NOT NULL CHECK (state IN ('asked', 'sent', 'answered', 'passed_on', 'not_asked')),
    request_id TEXT REFERENCES requests (id),
    asked_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- as the member typed it, as the agency reads it, as the agency answered, as the panel reads the answer
    question BLOB NOT NULL,
    worded BLOB,
    answer BLOB,
    told BLOB
) STRICT;

CREATE INDEX pack_questions_of_item ON pack_questions (item_id, asked_at);
CREATE INDEX pack_questions_of_request ON pack_questions (request_id);
