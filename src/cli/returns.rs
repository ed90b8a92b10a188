//! `cdr return` (being written).
use clap::Subcommand;
#[derive(Subcommand)]
pub enum Return {
    /// Lists what would be refused
    Check,
}
pub fn run(_: &Return) -> super::Outcome {
    Err(vec!["not there yet".into()])
}
