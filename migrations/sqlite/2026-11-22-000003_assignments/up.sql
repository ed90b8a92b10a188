-- Who works on which case, beside those who see every case. The role is the one the person had when assigned.
CREATE TABLE case_people (
    case_id TEXT NOT NULL REFERENCES cases (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    since TEXT NOT NULL,
    assigned_by BLOB NOT NULL,
    PRIMARY KEY (case_id, user_id)
) STRICT;
CREATE INDEX case_people_of_user ON case_people (user_id, role, case_id);
