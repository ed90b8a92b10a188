DROP INDEX documents_by_meeting;

ALTER TABLE documents DROP COLUMN meeting_id;

DROP TABLE tries;

ALTER TABLE outbox DROP COLUMN bounced_at;

ALTER TABLE requests DROP COLUMN knew_child;

ALTER TABLE clocks DROP COLUMN stopped_day;

DROP TABLE agency_holds;
