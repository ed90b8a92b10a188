DROP TABLE calendars;
DROP TABLE clock_rungs;
DROP TABLE clock_pauses;
DROP TABLE clock_dues;
DROP TABLE clocks;
DROP TABLE clock_events;
