-- A statement that replaces a row on a clash of keys asks no trigger of UPDATE or DELETE, so each new row is asked whether
-- it stands at the end.
CREATE TRIGGER events_at_the_end BEFORE INSERT ON events
WHEN NEW.seq <= (SELECT COALESCE(MAX(seq), 0) FROM events)
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;

-- From where somebody signed in is asked for no more.
DROP INDEX sessions_by_source_hash;

ALTER TABLE sessions DROP COLUMN source_hash;
