-- What is known of a family and promised to it, one line each: a parent or carer, somebody else affected, a question, a
-- contact, a key worker. Everything that somebody said is sealed; only what is counted stays plain.
CREATE TABLE family (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    part TEXT NOT NULL CHECK (part IN ('people', 'others', 'questions', 'contacts', 'key-worker')),
    state TEXT NOT NULL,
    body BLOB NOT NULL,
    saved_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX family_of_case ON family (case_id, part, created_at);
