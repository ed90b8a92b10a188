//! HTTP in, HTML out. Knows casework, reads through store; no diesel.

pub mod assets;
pub mod question;
pub mod render;
