ALTER TABLE clock_pauses DROP COLUMN process_id;
DROP TABLE processes;
