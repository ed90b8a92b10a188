DROP TABLE typings;
