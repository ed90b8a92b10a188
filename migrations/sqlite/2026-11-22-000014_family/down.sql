DROP TABLE family;
