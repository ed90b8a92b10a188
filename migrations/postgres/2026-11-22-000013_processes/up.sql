-- What runs beside a review. Kinds are data: fixtures/processes.csv.
CREATE TABLE processes (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('expected', 'under_way', 'suspended', 'concluded', 'not_pursued', 'mistaken')),
    holds_meeting BOOLEAN NOT NULL,
    holds_panel BOOLEAN NOT NULL,
    began_on DATE,
    step_on DATE,
    checked_on DATE,
    next_check DATE,
    expected_end DATE,
    over_on DATE,
    document INTEGER,
    reference BYTEA,
    lead_body BYTEA,
    outcome BYTEA,
    note BYTEA,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL
);

CREATE INDEX processes_of_case ON processes (case_id, created_at);
CREATE INDEX processes_by_next_check ON processes (state, next_check);

-- A pause that a process makes, and that ends with it.
ALTER TABLE clock_pauses ADD COLUMN process_id TEXT;
