-- When this session's second factor was last checked, in what kind of browser it was opened, and a keyed hash
-- of where from.
ALTER TABLE sessions ADD COLUMN factor_at TEXT;
ALTER TABLE sessions ADD COLUMN browser TEXT;
ALTER TABLE sessions ADD COLUMN source_hash TEXT;

CREATE INDEX sessions_by_source_hash ON sessions (source_hash);

-- What a person proves besides the password. The secret is sealed by the application; `detail` leaves room for
-- what a passkey keeps.
CREATE TABLE factors (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL CHECK (kind IN ('totp', 'passkey')),
    secret TEXT NOT NULL,
    detail TEXT,
    last_step INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (user_id, kind)
) STRICT;

CREATE TABLE recovery_codes (
    code_hash TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    used_at TEXT
) STRICT;

CREATE INDEX recovery_codes_by_user_id ON recovery_codes (user_id);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY NOT NULL,
    email BLOB NOT NULL,
    email_mark TEXT NOT NULL,
    name BLOB NOT NULL,
    role TEXT NOT NULL,
    organisation TEXT,
    token_hash TEXT NOT NULL UNIQUE,
    invited_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    joined_at TEXT,
    withdrawn_at TEXT,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX invitations_by_email_mark ON invitations (email_mark);

CREATE TABLE password_resets (
    token_hash TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;

CREATE INDEX password_resets_by_user_id ON password_resets (user_id);

-- What somebody posted after their session had ended, sealed, to be shown to the same person again.
CREATE TABLE kept_posts (
    session_id TEXT PRIMARY KEY NOT NULL REFERENCES sessions (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    path TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE INDEX kept_posts_by_user_id ON kept_posts (user_id);
