ALTER TABLE sessions ADD COLUMN source_hash TEXT;

CREATE INDEX sessions_by_source_hash ON sessions (source_hash);

DROP TRIGGER events_at_the_end;
