-- Whom to ask at which agency, and which request went to whom.
CREATE TABLE contacts (
    id TEXT PRIMARY KEY NOT NULL,
    agency TEXT NOT NULL,
    professional_type TEXT,
    organisation TEXT,
    district TEXT,
    away_from TEXT,
    away_to TEXT,
    ended_at TEXT,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    name BLOB NOT NULL,
    email BLOB NOT NULL,
    deputy_name BLOB,
    deputy_email BLOB,
    email_mark TEXT NOT NULL,
    CONSTRAINT contacts_once UNIQUE (agency, email_mark)
) STRICT;

ALTER TABLE requests ADD COLUMN contact_id TEXT;

CREATE INDEX requests_by_contact ON requests (contact_id) WHERE contact_id IS NOT NULL;
