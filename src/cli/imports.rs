//! `cdr import`: what another system wrote down, into ours. Says row by row what would become of a file, and writes only
//! when told to.

use std::path::PathBuf;
use std::process::ExitCode;

use cdr::casework::imports::{self, Became, Line};
use clap::{Args, Subcommand};

use super::{Outcome, open};

/// What comes from elsewhere.
#[derive(Subcommand)]
pub enum Import {
    /// Notifications from a CSV file; a dry run unless told to commit; exit 1 if a row is refused
    Notifications(Notifications),
}

/// Which file, and whether to write.
#[derive(Args)]
pub struct Notifications {
    /// The first row names questions of the notification form
    file: PathBuf,
    /// Write what is new
    #[arg(long)]
    commit: bool,
}

/// Imports.
pub fn run(command: &Import) -> Outcome {
    let Import::Notifications(asked) = command;
    let text = std::fs::read_to_string(&asked.file).map_err(|_| {
        vec![format!(
            "{} could not be read as UTF-8",
            asked.file.display()
        )]
    })?;
    let opened = open()?;
    let ctx = opened.operator();
    let (rows, batch) = if asked.commit {
        let done = opened
            .db
            .write(move |tx| imports::import(tx, &ctx, &text))
            .map_err(|e| opened.told(e))?;
        (done.lines, Some(done.id))
    } else {
        let judged = opened
            .db
            .read(|conn| imports::read(conn, &ctx, &text))
            .map_err(|e| opened.told(e))?;
        let rows = judged.lines.clone();
        opened
            .db
            .write(move |tx| imports::looked(tx, &ctx, &judged))
            .map_err(|e| opened.told(e))?;
        (rows, None)
    };
    for row in &rows {
        println!("{}", told(row));
    }
    let count = |became: Became| rows.iter().filter(|r| r.became == became).count();
    let refused = count(Became::Refused);
    println!(
        "{} {}, {} matched, {refused} refused.",
        count(Became::Created),
        if batch.is_some() {
            "created"
        } else {
            "would be created"
        },
        count(Became::Matched),
    );
    if let Some(id) = batch {
        println!("The import can be undone at /imports/{id}");
    } else {
        println!("Nothing was written. Give --commit to write what is new.");
    }
    Ok(if refused == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn told(row: &Line) -> String {
    let beside: Vec<String> = row
        .like
        .iter()
        .map(|like| match like.row {
            Some(number) => format!("row {number} ({})", like.words),
            None => format!("{} ({})", like.reference, like.words),
        })
        .collect();
    let faults = row.faults.iter().map(|fault| match fault.column.as_str() {
        "" => fault.words.clone(),
        column => format!("{column}: {}", fault.words),
    });
    let what = match (row.became, &row.notification) {
        (Became::Refused, _) => format!("refused: {}", faults.collect::<Vec<_>>().join("; ")),
        (Became::Matched, _) => format!("matched: {}", beside.join("; ")),
        (Became::Created, Some((_, reference))) => format!("created: {reference}"),
        (Became::Created, None) if beside.is_empty() => "would be created".to_owned(),
        (Became::Created, None) => format!("would be created, beside {}", beside.join("; ")),
    };
    format!("row {}: {what}", row.number)
}
