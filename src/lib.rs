//! cdr: a case system for child death review in England.
//!
//! The layers, and which way they lean:
//!
//! ```text
//! domain  <-  store  <-  casework  <-  web
//!                             ^-------  jobs          main.rs builds all; nothing points right
//! ```
//!
//! * `domain`: pure rules. No database, no HTTP, no clock, no environment.
//! * `store`: all SQL. Knows domain types; holds no rules.
//! * `casework`: one function per verb: permission, rule, write, event, job, in one transaction.
//! * `web`: HTTP in, HTML out. Knows casework, reads through store.
//! * `jobs`: what happens without a person.
//! * `seed`: a synthetic caseload, made through casework.
//! * `cli`: the command line; calls the same functions as the pages.

pub mod casework;
pub mod config;
pub mod domain;
pub mod jobs;
pub mod seed;
pub mod store;
pub mod web;
