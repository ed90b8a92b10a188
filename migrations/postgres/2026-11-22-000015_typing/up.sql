-- What somebody is typing in a form and has not saved, sealed, and who has the form open: one row for each page of a
-- form and each hand.
CREATE TABLE typings (
    place TEXT NOT NULL,
    part TEXT NOT NULL,
    hand TEXT NOT NULL,
    sealed TEXT,
    typed_at TIMESTAMP,
    seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (place, part, hand)
);

CREATE INDEX typings_by_seen_at ON typings (seen_at);
