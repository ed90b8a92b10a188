//! Forms as data: the dictionary, its conditions and checks, and typed answers.
//!
//! A form version is a folder of CSV files under `fixtures/forms/`. This module reads such folders
//! (`Library::load`), says which questions a person sees (`visible`), what is wrong or missing in
//! their answers (`check`), what follows from them (`derive`), and turns HTML posts and JSON into
//! typed answers and back. Adding a version needs data, not Rust.
//!
//! It must not know of cases, roles, storage, HTTP or the clock: today's date and the case's other
//! forms come in as [`Surroundings`].

mod answer;
mod check;
mod collation;
mod condition;
mod confirmed;
mod derive;
mod dictionary;
mod field;
#[cfg(test)]
mod fixture;
mod input;
mod load;
mod mask;
mod parse;
mod phrase;
mod problem;
mod prune;
mod visible;
mod words;

pub use answer::{Answer, Answers};
pub use check::{Check, Term, check, check_where, holds};
pub use collation::{Collated, Given, Ours, STAFF, collate, same};
pub use condition::{Condition, Test};
pub use confirmed::{LONGEST as LONGEST_REASON, Reasons, confirmed};
pub use derive::derive;
pub use dictionary::{Code, Dictionary, Form, FormKind, Library, Section};
pub use field::{AnsweredBy, Basis, Field, Identifies, Kind};
pub use input::{Posted, read, table_rows, write};
pub use load::Fault;
pub use mask::{Clearance, masked, shown};
pub use parse::{date_of_boxes, month_of};
pub use problem::{Problem, Severity, Stage, Surroundings};
pub use prune::prune;
pub use visible::visible;
pub use words::words;

#[cfg(test)]
use check::Shape;
#[cfg(test)]
mod tests;
