DROP TABLE request_waits;
