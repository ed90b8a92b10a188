//! `cdr seed`: a deterministic synthetic caseload in the configured database.

use std::process::ExitCode;

use cdr::domain::calendar::london;
use cdr::seed;
use clap::Args;

use super::{Outcome, now, open_with, settings};

/// How much, and of which sequence.
#[derive(Args)]
pub struct Seed {
    /// How many synthetic cases
    #[arg(long)]
    cases: usize,
    /// The same number gives the same rows
    #[arg(long = "seed")]
    sequence: u64,
    /// The day as of which the caseload is made; today when not given
    #[arg(long)]
    today: Option<chrono::NaiveDate>,
}

/// Makes the caseload.
pub fn run(seed: &Seed) -> Outcome {
    let opened = open_with(settings()?, false)?;
    let today = seed.today.unwrap_or_else(|| london(now()).date());
    let order = seed::Order {
        cases: seed.cases,
        seed: seed.sequence,
        today,
    };
    let report = seed::run(&opened.db, &opened.house, &order).map_err(|e| opened.told(e))?;
    println!("{report}");
    Ok(ExitCode::SUCCESS)
}
