-- What runs beside a review. Kinds are data: fixtures/processes.csv.
CREATE TABLE processes (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('expected', 'under_way', 'suspended', 'concluded', 'not_pursued', 'mistaken')),
    holds_meeting INTEGER NOT NULL CHECK (holds_meeting IN (0, 1)),
    holds_panel INTEGER NOT NULL CHECK (holds_panel IN (0, 1)),
    began_on TEXT,
    step_on TEXT,
    checked_on TEXT,
    next_check TEXT,
    expected_end TEXT,
    over_on TEXT,
    document INTEGER,
    reference BLOB,
    lead_body BLOB,
    outcome BLOB,
    note BLOB,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX processes_of_case ON processes (case_id, created_at);
CREATE INDEX processes_by_next_check ON processes (state, next_check);

-- A pause that a process makes, and that ends with it.
ALTER TABLE clock_pauses ADD COLUMN process_id TEXT;
