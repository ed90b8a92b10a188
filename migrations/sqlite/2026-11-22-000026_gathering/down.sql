ALTER TABLE requests DROP COLUMN knew_child;

ALTER TABLE clocks DROP COLUMN stopped_day;

DROP TABLE agency_holds;
