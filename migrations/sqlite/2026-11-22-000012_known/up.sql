-- What an agency said of answers that were known before it was asked (fields and codes, no answers), and how many
-- questions it was spared when it sent.
ALTER TABLE responses ADD COLUMN says TEXT NOT NULL DEFAULT '{}';
ALTER TABLE responses ADD COLUMN spared INTEGER;
