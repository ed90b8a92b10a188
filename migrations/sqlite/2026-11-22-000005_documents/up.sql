-- Files kept on a case. What names somebody is sealed by the application; the bytes lie sealed in the vault.

-- One key for the documents of each case, sealed with the service's own.
CREATE TABLE case_keys (
    case_id TEXT PRIMARY KEY NOT NULL REFERENCES cases (id),
    sealed_key TEXT NOT NULL,
    made_at TEXT NOT NULL
) STRICT;

CREATE TABLE documents (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    number INTEGER NOT NULL CHECK (number > 0),
    request_id TEXT REFERENCES requests (id),
    response_id TEXT REFERENCES responses (id),
    kind TEXT NOT NULL CHECK (kind IN ('pdf', 'docx', 'doc', 'xlsx', 'xls', 'odt', 'jpeg', 'png', 'txt', 'csv', 'eml')),
    size INTEGER NOT NULL CHECK (size > 0),
    content_index TEXT NOT NULL,
    title TEXT NOT NULL,
    file_name TEXT NOT NULL,
    content_note TEXT,
    state TEXT NOT NULL CHECK (state IN ('checking', 'ready', 'infected', 'damaged', 'withdrawn')),
    uploaded_by TEXT NOT NULL,
    uploaded_at TEXT NOT NULL,
    scanned_at TEXT,
    withdrawn_at TEXT,
    withdrawn_reason TEXT,
    version INTEGER NOT NULL,
    UNIQUE (case_id, number)
) STRICT;

CREATE INDEX documents_waiting ON documents (state, uploaded_at, id);
