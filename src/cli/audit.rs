//! `cdr audit verify`.

use std::process::ExitCode;

use cdr::casework::audit::{read_checkpoint, verified, verify};
use cdr::jobs::checkpoint::place;
use clap::Subcommand;

use super::{Outcome, lines, open};

/// The audit trail.
#[derive(Subcommand)]
pub enum Audit {
    /// Walk the chain; exit 1 and the first bad sequence number if it does not hold
    Verify,
}

/// Walks the chain against the checkpoint in the data folder.
pub fn run(_: &Audit) -> Outcome {
    let opened = open()?;
    let file = place(&opened.settings.data_dir);
    let kept = match std::fs::read_to_string(&file) {
        Ok(text) => Some(
            read_checkpoint(&opened.house, &text)
                .ok_or_else(|| vec![format!("{} was not signed with this key", file.display())])?,
        ),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(_) => return Err(vec![format!("{} could not be read", file.display())]),
    };
    let found = opened
        .db
        .snapshot(|conn| verify(conn, &opened.operator(), kept.as_ref()))
        .map_err(lines)?;
    let (ctx, rows, holds) = match &found {
        Ok(head) => (opened.operator(), head.seq, true),
        Err(broken) => (opened.operator(), broken.seq, false),
    };
    let rows = u64::try_from(rows).unwrap_or(0);
    let noted = opened
        .db
        .write(move |tx| verified(tx, &ctx, rows, holds))
        .map_err(lines);
    match found {
        Ok(head) => {
            noted?;
            println!("The audit trail holds: {} rows.", head.seq);
            if kept.is_none() {
                println!("There is no checkpoint, so a cut end could not be seen.");
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            println!("{}", broken.seq);
            Err(vec![format!(
                "the audit trail does not hold at {}: {}",
                broken.seq,
                broken.how.words()
            )])
        }
    }
}
