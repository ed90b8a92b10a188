ALTER TABLE case_merges DROP COLUMN kept;

ALTER TABLE outbox DROP COLUMN resent;
