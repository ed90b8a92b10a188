ALTER TABLE return_ledger DROP COLUMN answer_words;
