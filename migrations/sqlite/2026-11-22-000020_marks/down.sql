ALTER TABLE responses DROP COLUMN marks;
