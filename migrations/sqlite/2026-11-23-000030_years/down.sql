ALTER TABLE clock_pauses DROP COLUMN counted;

DROP TABLE area_year_rungs;

DROP TABLE area_years;
