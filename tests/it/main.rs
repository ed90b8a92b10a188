//! The capability tests: one binary, one file per subject.

#[cfg(test)]
mod components;
