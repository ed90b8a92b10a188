DROP TABLE signed_analyses;
DROP TABLE panel_interests;
DROP TABLE panel_items;
ALTER TABLE meetings DROP COLUMN theme;
