-- Parts of a form can go to different people of an agency: a request of its own for each, and which pages it answers.
ALTER TABLE requests ADD COLUMN part_of TEXT REFERENCES requests (id);
ALTER TABLE responses ADD COLUMN pages TEXT;
