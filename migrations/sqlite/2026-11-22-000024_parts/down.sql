ALTER TABLE responses DROP COLUMN pages;
ALTER TABLE requests DROP COLUMN part_of;
