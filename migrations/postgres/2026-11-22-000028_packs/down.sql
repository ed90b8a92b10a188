DROP TABLE pack_questions;
DROP TABLE pack_notes;
DROP TABLE pack_reads;
DROP TABLE released_packs;
DROP TABLE packs;
