DROP TABLE agency_holds;
