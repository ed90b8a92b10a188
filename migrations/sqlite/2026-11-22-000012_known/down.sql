ALTER TABLE responses DROP COLUMN spared;
ALTER TABLE responses DROP COLUMN says;
