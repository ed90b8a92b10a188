-- The panel that took a death over. On a case the column was there under a name that said less, and was never
-- written: why a case ended stands in its moves.
ALTER TABLE notifications ADD COLUMN transferred_to TEXT;
ALTER TABLE cases RENAME COLUMN closed_reason TO transferred_to;
