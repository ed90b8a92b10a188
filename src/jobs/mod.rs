//! What happens without a person. Calls the same verbs as the pages; must not know of HTTP.

pub mod checkpoint;
pub mod clusters;
pub mod mail;
pub mod remind;
pub mod scan;
pub mod sweep;
