-- What is learned across cases: points that may be shared with those who contributed, themes, the codes by which two cases
-- are alike, and counts that are higher than the years before.
CREATE TABLE shared_points (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL CHECK (kind IN ('learning', 'recommendation')),
    agency TEXT,
    agreed_at TEXT NOT NULL,
    words BLOB NOT NULL,
    agreed_by BLOB NOT NULL
) STRICT;

CREATE INDEX shared_points_of_case ON shared_points (case_id, id);

CREATE TABLE case_themes (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    theme TEXT NOT NULL,
    set_at TEXT NOT NULL,
    set_by BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX case_themes_of_case ON case_themes (case_id, theme);
CREATE INDEX case_themes_by_theme ON case_themes (theme, case_id);

CREATE TABLE case_features (
    id TEXT PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    died TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX case_features_of_case ON case_features (case_id);
CREATE INDEX case_features_by_day ON case_features (died);

CREATE TABLE clusters (
    id TEXT PRIMARY KEY NOT NULL,
    dimension TEXT NOT NULL,
    value TEXT NOT NULL,
    months INTEGER NOT NULL,
    first_on TEXT NOT NULL,
    last_on TEXT NOT NULL,
    found_at TEXT NOT NULL,
    count INTEGER NOT NULL,
    expected_thousandths INTEGER NOT NULL,
    chance_millionths INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'chance', 'look', 'known')),
    judged_at TEXT,
    version INTEGER NOT NULL,
    reason BLOB,
    judged_by BLOB
) STRICT;

CREATE UNIQUE INDEX clusters_by_what ON clusters (dimension, value, months);
