-- How often a message was sent anew after it came back: each time under another name, so that a late notice about the
-- first is not taken for one about the next.
ALTER TABLE outbox ADD COLUMN resent INTEGER NOT NULL DEFAULT 0;

-- JSON: what the record of the case said that another went under, so that undoing it leaves every row as it was.
ALTER TABLE case_merges ADD COLUMN kept BYTEA;
