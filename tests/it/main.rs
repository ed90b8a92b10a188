//! The capability tests: one binary, one file per subject.

mod components;
