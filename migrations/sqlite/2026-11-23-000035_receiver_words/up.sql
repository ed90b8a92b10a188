-- What the national database said of a package may name a child: the words are sealed, and whether it took the package
-- stays plain. Words that an earlier version kept in clear are sealed when the database is next opened with its key.
ALTER TABLE return_ledger ADD COLUMN answer_words BLOB;
