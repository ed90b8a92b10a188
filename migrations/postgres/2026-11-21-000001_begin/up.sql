-- The first shape of the store. What is filtered or counted is a column; the rest of an answer is JSON.

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    email BYTEA NOT NULL,
    email_mark TEXT NOT NULL UNIQUE,
    name BYTEA NOT NULL,
    role TEXT NOT NULL,
    organisation TEXT,
    password_hash TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);

CREATE TABLE notifications (
    id TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'received', 'accepted', 'joined', 'out_of_scope', 'transferred', 'held', 'set_aside')),
    form_version TEXT NOT NULL,
    answers BYTEA NOT NULL,
    confirmed TEXT NOT NULL,
    source TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    code_hash TEXT NOT NULL UNIQUE,
    complete BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    case_id TEXT,
    decided_at TIMESTAMP,
    decided_by TEXT,
    decision TEXT,
    decision_reason BYTEA,
    nhs_number BYTEA,
    surname_folded BYTEA NOT NULL,
    forenames_folded BYTEA NOT NULL,
    date_of_birth BYTEA,
    date_of_death DATE,
    nhs_mark TEXT,
    surname_mark TEXT,
    sound_mark TEXT,
    birth_mark TEXT,
    version INTEGER NOT NULL
);

CREATE TABLE cases (
    id TEXT PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    notification_id TEXT NOT NULL REFERENCES notifications (id),
    opened_at TIMESTAMP NOT NULL,
    display_name BYTEA NOT NULL,
    nhs_number BYTEA,
    surname_folded BYTEA NOT NULL,
    forenames_folded BYTEA NOT NULL,
    date_of_birth BYTEA,
    date_of_death DATE NOT NULL,
    age_band TEXT NOT NULL,
    residence TEXT NOT NULL,
    district TEXT,
    expected TEXT,
    open BOOLEAN NOT NULL,
    next_due_at TIMESTAMP NOT NULL,
    next_due_what TEXT,
    requests_out INTEGER NOT NULL,
    requests_back INTEGER NOT NULL,
    finalised_at TIMESTAMP,
    return_version INTEGER NOT NULL,
    national_notified_at TIMESTAMP,
    national_accepted_at TIMESTAMP,
    closed_reason TEXT,
    updated_at TIMESTAMP NOT NULL,
    nhs_mark TEXT,
    surname_mark TEXT,
    sound_mark TEXT,
    birth_mark TEXT,
    version INTEGER NOT NULL
);

CREATE TABLE case_numbers (
    year INTEGER PRIMARY KEY NOT NULL,
    next INTEGER NOT NULL
);

CREATE TABLE requests (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    agency TEXT NOT NULL,
    professional_type TEXT,
    recipient BYTEA NOT NULL,
    organisation BYTEA,
    email BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'opened', 'answered', 'sent_back', 'accepted', 'withdrawn', 'waived')),
    link_hash TEXT UNIQUE,
    link_expires_at TIMESTAMP,
    agreed_date DATE NOT NULL,
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    opened_at TIMESTAMP,
    answered_at TIMESTAMP,
    closed_at TIMESTAMP,
    reason BYTEA,
    nil_return BOOLEAN NOT NULL,
    version INTEGER NOT NULL
);

CREATE TABLE request_claims (
    id TEXT PRIMARY KEY NOT NULL,
    request_id TEXT NOT NULL REFERENCES requests (id),
    secret_hash TEXT NOT NULL UNIQUE,
    claimed_at TIMESTAMP NOT NULL
);

CREATE TABLE responses (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    form TEXT NOT NULL,
    form_version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'sent', 'sent_back', 'accepted', 'waived')),
    answers BYTEA NOT NULL,
    confirmed BYTEA NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    accepted_at TIMESTAMP,
    reason BYTEA,
    version INTEGER NOT NULL
);

CREATE TABLE records (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    form TEXT NOT NULL,
    form_version TEXT NOT NULL,
    answers BYTEA NOT NULL,
    sources BYTEA NOT NULL,
    confirmed BYTEA NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL
);

CREATE TABLE events (
    seq BIGINT PRIMARY KEY NOT NULL,
    at TIMESTAMP NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name BYTEA,
    actor_role TEXT,
    what TEXT NOT NULL,
    case_id TEXT,
    subject_id TEXT,
    detail BYTEA NOT NULL,
    correlation TEXT NOT NULL,
    source TEXT NOT NULL,
    mac BYTEA NOT NULL
);

CREATE TABLE outbox (
    id TEXT PRIMARY KEY NOT NULL,
    dedupe_key TEXT NOT NULL UNIQUE,
    recipient BYTEA NOT NULL,
    subject TEXT NOT NULL,
    body BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    attempts INTEGER NOT NULL,
    next_attempt_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    last_error TEXT,
    case_id TEXT,
    request_id TEXT
);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    system TEXT NOT NULL,
    scopes TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);

CREATE TABLE api_replies (
    key_hash TEXT PRIMARY KEY NOT NULL,
    body_hash TEXT NOT NULL,
    reference TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE form_waivers (
    case_id TEXT NOT NULL REFERENCES cases (id),
    form TEXT NOT NULL,
    reason BYTEA NOT NULL,
    waived_by TEXT NOT NULL,
    waived_at TIMESTAMP NOT NULL,
    PRIMARY KEY (case_id, form)
);

CREATE TABLE return_ledger (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    period_from DATE NOT NULL,
    period_to DATE NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by BYTEA NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    case_count BIGINT NOT NULL,
    identified BOOLEAN NOT NULL,
    receiver_answer TEXT,
    answered_at TIMESTAMP
);

CREATE TABLE return_lines (
    ledger_id TEXT NOT NULL REFERENCES return_ledger (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    version INTEGER NOT NULL,
    submission TEXT NOT NULL CHECK (submission IN ('notification', 'final', 'correction', 'withdrawal')),
    PRIMARY KEY (ledger_id, case_id)
);

CREATE TABLE verified_fields (
    form_version TEXT NOT NULL,
    form TEXT NOT NULL,
    field TEXT NOT NULL,
    verified_by BYTEA NOT NULL,
    verified_at TIMESTAMP NOT NULL,
    PRIMARY KEY (form_version, form, field)
);

CREATE TABLE kept_counts (
    bucket TEXT NOT NULL,
    slot INTEGER NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (bucket, slot)
);

CREATE TABLE settings (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

CREATE UNIQUE INDEX responses_request_id_form ON responses (request_id, form);

CREATE UNIQUE INDEX records_case_id_form ON records (case_id, form);

CREATE INDEX sessions_by_user_id ON sessions (user_id);

CREATE INDEX notifications_by_state_sent_at_id ON notifications (state, sent_at, id);

CREATE INDEX notifications_by_case_id ON notifications (case_id) WHERE case_id IS NOT NULL;

CREATE INDEX cases_by_state_next_due_at_id ON cases (state, next_due_at, id);

CREATE INDEX cases_by_open_next_due_at_id ON cases (open, next_due_at, id);

CREATE INDEX cases_by_open_opened_at_id ON cases (open, opened_at, id);

CREATE INDEX cases_by_open_date_of_death_id ON cases (open, date_of_death, id);

CREATE INDEX cases_by_finalised_at_id ON cases (finalised_at, id);

CREATE INDEX requests_by_case_id ON requests (case_id);

CREATE INDEX requests_by_state_agreed_date_id ON requests (state, agreed_date, id);

CREATE INDEX request_claims_by_request_id ON request_claims (request_id);

CREATE INDEX responses_by_case_id ON responses (case_id);

-- With the kind, so that a timeline passes over the many reads without fetching them.
CREATE INDEX events_by_case_id_seq ON events (case_id, seq, what) WHERE case_id IS NOT NULL;

CREATE INDEX events_by_actor_id_seq ON events (actor_id, seq) WHERE actor_id IS NOT NULL;

CREATE INDEX events_by_at ON events (at);

CREATE INDEX events_by_subject_id_seq ON events (subject_id, seq) WHERE subject_id IS NOT NULL;

CREATE INDEX events_by_what_seq ON events (what, seq);

CREATE INDEX outbox_by_state_next_attempt_at ON outbox (state, next_attempt_at);

CREATE INDEX outbox_by_request_id ON outbox (request_id) WHERE request_id IS NOT NULL;

CREATE INDEX return_ledger_by_created_at ON return_ledger (created_at);

CREATE INDEX return_lines_by_case_id ON return_lines (case_id);

CREATE INDEX notifications_by_nhs_mark ON notifications (nhs_mark) WHERE nhs_mark IS NOT NULL;

CREATE INDEX notifications_by_surname_mark ON notifications (surname_mark) WHERE surname_mark IS NOT NULL;

CREATE INDEX notifications_by_sound_mark ON notifications (sound_mark) WHERE sound_mark IS NOT NULL;

CREATE INDEX notifications_by_birth_mark ON notifications (birth_mark) WHERE birth_mark IS NOT NULL;

CREATE INDEX cases_by_nhs_mark ON cases (nhs_mark) WHERE nhs_mark IS NOT NULL;

CREATE INDEX cases_by_surname_mark ON cases (surname_mark) WHERE surname_mark IS NOT NULL;

CREATE INDEX cases_by_sound_mark ON cases (sound_mark) WHERE sound_mark IS NOT NULL;

CREATE INDEX cases_by_birth_mark ON cases (birth_mark) WHERE birth_mark IS NOT NULL;

-- What happened stays as it was written.
CREATE FUNCTION events_only_grow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is only ever added to'; END $$;

CREATE TRIGGER events_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION events_only_grow();
