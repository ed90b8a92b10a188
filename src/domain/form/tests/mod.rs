//! Tests of the whole engine over the real dictionaries: every condition and check of all 26
//! forms, every form completed, every kind of answer there and back.

mod analysis;
mod checks;
mod complete;
mod conditions;
mod messages;
mod round_trip;
mod rules;
mod world;
