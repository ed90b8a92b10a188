-- Every post that was not taken is kept under a name of its own: a second one must not push out the first.
ALTER TABLE kept_posts RENAME TO kept_posts_before;
DROP INDEX kept_posts_by_user_id;

CREATE TABLE kept_posts (
    id TEXT PRIMARY KEY NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    path TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

INSERT INTO kept_posts (id, session_id, user_id, path, sealed, created_at)
SELECT session_id, session_id, user_id, path, sealed, created_at FROM kept_posts_before;

DROP TABLE kept_posts_before;

CREATE INDEX kept_posts_by_user_id ON kept_posts (user_id);
CREATE INDEX kept_posts_by_session_id ON kept_posts (session_id, created_at);
