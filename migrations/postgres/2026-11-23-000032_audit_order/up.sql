-- A row that is put in stands at the end, as on the other engine. Here a statement that would change the row it clashes with
-- is refused as the UPDATE it is.
CREATE FUNCTION events_grow_at_the_end() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.seq <= (SELECT COALESCE(MAX(seq), 0) FROM events) THEN
        RAISE EXCEPTION 'the audit trail is only ever added to';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER events_at_the_end BEFORE INSERT ON events
FOR EACH ROW EXECUTE FUNCTION events_grow_at_the_end();

-- From where somebody signed in is asked for no more.
DROP INDEX sessions_by_source_hash;

ALTER TABLE sessions DROP COLUMN source_hash;
