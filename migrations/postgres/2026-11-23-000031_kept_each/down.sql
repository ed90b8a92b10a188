DROP TABLE kept_posts;

CREATE TABLE kept_posts (
    session_id TEXT PRIMARY KEY NOT NULL REFERENCES sessions (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    path TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE INDEX kept_posts_by_user_id ON kept_posts (user_id);
