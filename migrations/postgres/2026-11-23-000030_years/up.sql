-- The clocks of the area itself, one row for each year that ended or is to end; what is said in words is sealed.
CREATE TABLE area_years (
    id TEXT PRIMARY KEY NOT NULL,
    clock TEXT NOT NULL,
    ends_on DATE NOT NULL,
    definition TEXT NOT NULL,
    agreed_on DATE,
    stopped_on DATE,
    said_at TIMESTAMP,
    version INTEGER NOT NULL,
    words BYTEA,
    said_by BYTEA
);

CREATE UNIQUE INDEX area_years_once ON area_years (clock, ends_on);

-- Each rung of their ladders is taken once.
CREATE TABLE area_year_rungs (
    year_id TEXT NOT NULL REFERENCES area_years (id),
    rung TEXT NOT NULL,
    state TEXT NOT NULL,
    done_at TIMESTAMP NOT NULL,
    PRIMARY KEY (year_id, rung)
);

-- The days of a pause may have been put into the day that was agreed.
ALTER TABLE clock_pauses ADD COLUMN counted BOOLEAN NOT NULL DEFAULT FALSE;
