-- Opening a link in a second browser: a code sent to the address on file, of which only a keyed hash is kept.
CREATE TABLE link_codes (
    id TEXT PRIMARY KEY NOT NULL,
    request_id TEXT NOT NULL REFERENCES requests (id),
    code_hash TEXT NOT NULL,
    made_at TEXT NOT NULL,
    tries INTEGER NOT NULL CHECK (tries >= 0),
    used_at TEXT
) STRICT;

CREATE INDEX link_codes_by_request ON link_codes (request_id, made_at);

-- Links that were replaced or withdrawn, so that whoever holds one can ask for a new one.
CREATE TABLE old_links (
    link_hash TEXT PRIMARY KEY NOT NULL,
    request_id TEXT NOT NULL REFERENCES requests (id),
    ended_at TEXT NOT NULL
) STRICT;

CREATE INDEX old_links_by_request ON old_links (request_id);

-- A file on an agency's answer is the agency's own until the answer is sent.
ALTER TABLE documents ADD COLUMN handed_in_at TEXT;

CREATE INDEX documents_by_request ON documents (request_id) WHERE request_id IS NOT NULL;
