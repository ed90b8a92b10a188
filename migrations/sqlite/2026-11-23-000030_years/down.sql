DROP TABLE area_year_rungs;

DROP TABLE area_years;
