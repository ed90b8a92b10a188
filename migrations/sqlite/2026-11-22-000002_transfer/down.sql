ALTER TABLE cases RENAME COLUMN transferred_to TO closed_reason;
ALTER TABLE notifications DROP COLUMN transferred_to;
