DROP INDEX requests_by_contact;

ALTER TABLE requests DROP COLUMN contact_id;

DROP TABLE contacts;
