-- The questions that the coordinator marked on sending answers back: field ids.
ALTER TABLE responses ADD COLUMN marks TEXT NOT NULL DEFAULT '[]';
