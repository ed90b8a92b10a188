DROP TABLE case_openings;
DROP TABLE case_named;
DROP TABLE case_restrictions;
