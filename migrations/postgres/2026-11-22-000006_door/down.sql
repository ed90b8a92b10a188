DROP INDEX documents_by_request;
ALTER TABLE documents DROP COLUMN handed_in_at;
DROP TABLE old_links;
DROP TABLE link_codes;
