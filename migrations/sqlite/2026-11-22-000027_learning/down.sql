DROP TABLE clusters;
DROP TABLE case_features;
DROP TABLE case_themes;
DROP TABLE shared_points;
