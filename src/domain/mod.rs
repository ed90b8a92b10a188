//! Pure rules of child death review. Must not know of databases, HTTP, templates, clocks or the environment.

pub mod actor;
pub mod address;
pub mod age;
pub mod calendar;
pub mod case;
pub mod chronology;
pub mod circumstance;
pub mod clock;
pub mod code;
pub mod document;
pub mod duplicate;
pub mod event;
pub mod family;
pub mod feed;
pub mod finalise;
pub mod form;
pub mod holiday;
pub mod national_return;
pub mod network;
pub mod nhs_number;
pub mod one_time_code;
pub mod password;
pub mod permission;
pub mod postcode;
pub mod process;
pub mod proposal;
pub mod quality;
pub mod record;
pub mod restriction;
#[cfg(test)]
pub(crate) mod sample;
pub mod scope;
pub mod shared_answers;
pub mod supplementary;
mod table;
pub mod transfer;
