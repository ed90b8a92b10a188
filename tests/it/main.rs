//! The capability tests: one binary, one file per subject.

#[cfg(test)]
mod account;
#[cfg(test)]
mod actions;
#[cfg(test)]
mod agency;
#[cfg(test)]
mod agency_holds;
#[cfg(test)]
mod api;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod asked;
#[cfg(test)]
mod asked_once;
#[cfg(test)]
mod attachments;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bounces;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod checkpoints;
#[cfg(test)]
mod chronology;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod closed;
#[cfg(test)]
mod components;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod delays;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod door;
#[cfg(test)]
mod family;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod gather;
#[cfg(test)]
mod gathered;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod known;
#[cfg(test)]
mod learning;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod links;
#[cfg(test)]
mod masking;
#[cfg(test)]
mod meetings;
#[cfg(test)]
mod merge;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod notify;
#[cfg(test)]
mod pack_days;
#[cfg(test)]
mod packs;
#[cfg(test)]
mod panels;
#[cfg(test)]
mod papers;
#[cfg(test)]
mod people;
#[cfg(test)]
mod permissions;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod quality;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod reminders;
#[cfg(test)]
mod response;
#[cfg(test)]
mod restricted;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod review;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod transfers;
#[cfg(test)]
mod triage;
#[cfg(test)]
mod typing;
#[cfg(test)]
mod years;
