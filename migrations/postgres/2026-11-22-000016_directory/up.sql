-- Whom to ask at which agency, and which request went to whom.
CREATE TABLE contacts (
    id TEXT PRIMARY KEY NOT NULL,
    agency TEXT NOT NULL,
    professional_type TEXT,
    organisation TEXT,
    district TEXT,
    away_from DATE,
    away_to DATE,
    ended_at TIMESTAMP,
    updated_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL,
    name BYTEA NOT NULL,
    email BYTEA NOT NULL,
    deputy_name BYTEA,
    deputy_email BYTEA,
    email_mark TEXT NOT NULL,
    CONSTRAINT contacts_once UNIQUE (agency, email_mark)
);

ALTER TABLE requests ADD COLUMN contact_id TEXT;

CREATE INDEX requests_by_contact ON requests (contact_id) WHERE contact_id IS NOT NULL;
