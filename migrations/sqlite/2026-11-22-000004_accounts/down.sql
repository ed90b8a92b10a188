DROP TABLE kept_posts;
DROP TABLE password_resets;
DROP TABLE invitations;
DROP TABLE recovery_codes;
DROP TABLE factors;
DROP INDEX sessions_by_source_hash;
ALTER TABLE sessions DROP COLUMN source_hash;
ALTER TABLE sessions DROP COLUMN browser;
ALTER TABLE sessions DROP COLUMN factor_at;
