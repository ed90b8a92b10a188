ALTER TABLE outbox DROP COLUMN calendar;
DROP TABLE actions;
DROP TABLE meeting_people;
DROP TABLE meetings;
