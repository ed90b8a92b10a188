//! `cdr audit verify`.

use std::process::ExitCode;

use cdr::casework::audit::{begun, verified, verify};
use cdr::config::Anchor;
use cdr::jobs::checkpoint::{begin, place, signed_at, signed_in};
use cdr::store::chain::{Broken, Head};
use clap::Subcommand;

use super::{Opened, Outcome, open};

/// The audit trail.
#[derive(Subcommand)]
pub enum Audit {
    /// Walk the chain; exit 1 and the first bad sequence number if it does not hold
    Verify {
        /// Where there is no checkpoint, begin one over the rows that are there: after the data folder was lost, or on
        /// a further server. The trail keeps that it was done
        #[arg(long)]
        begin: bool,
    },
}

/// What was signed and kept outside the database.
struct Signed {
    checkpoint: Option<Head>,
    /// None where nothing was ever handed on, or it cannot be read from here.
    anchor: Option<Vec<Head>>,
}

impl Signed {
    /// The checkpoint first: the anchor is handed each row before the file holds it.
    fn read(opened: &Opened) -> Result<Self, Vec<String>> {
        let file = place(&opened.settings.data_dir);
        let checkpoint = signed_in(&file, &opened.house).map_err(|e| vec![e])?;
        let anchor = match &opened.settings.audit_anchor {
            Some(Anchor::File(file)) => {
                let there = signed_at(file, &opened.house).map_err(|e| vec![e])?;
                let gone = format!(
                    "CDR_AUDIT_ANCHOR: there is no {}: it was taken away, or nothing was handed to it since it was set",
                    file.display()
                );
                Some(there.ok_or_else(|| vec![gone])?)
            }
            Some(Anchor::Command(_)) | None => None,
        };
        let reaches = anchor
            .as_ref()
            .map(|all| all.iter().map(|head| head.seq).max().unwrap_or(-1));
        match (&checkpoint, reaches) {
            (Some(kept), Some(end)) if end < kept.seq => Err(vec![format!(
                "CDR_AUDIT_ANCHOR: it ends before row {}, which the checkpoint names: its end was cut",
                kept.seq
            )]),
            _ => Ok(Self { checkpoint, anchor }),
        }
    }

    fn all(&self) -> Vec<Head> {
        let anchor = self.anchor.iter().flatten();
        self.checkpoint.iter().chain(anchor).cloned().collect()
    }
}

/// Walks the chain against the checkpoint in the data folder and against the anchor.
pub fn run(Audit::Verify { begin }: &Audit) -> Outcome {
    let opened = open()?;
    // Whoever looks vouches for nothing by it.
    opened.end.unsigned();
    let signed = Signed::read(&opened)?;
    let found = opened
        .db
        .snapshot(|conn| verify(conn, &opened.operator(), &signed.all()))
        .map_err(|e| opened.told(e))?;
    let (rows, holds) = match &found {
        Ok(head) => (head.seq, true),
        Err(broken) => (broken.seq, false),
    };
    let (rows, ctx) = (u64::try_from(rows).unwrap_or(0), opened.operator());
    let shown = holds && (signed.checkpoint.is_some() || *begin);
    let noted = opened
        .db
        .write(move |tx| verified(tx, &ctx, rows, shown))
        .map_err(|e| opened.told(e));
    match found {
        Ok(head) => {
            noted?;
            whole(&opened, &signed, &head, *begin)
        }
        Err(broken) => Err(told(&broken)),
    }
}

fn told(broken: &Broken) -> Vec<String> {
    println!("{}", broken.seq);
    vec![format!(
        "the audit trail does not hold at {}: {}",
        broken.seq,
        broken.how.words()
    )]
}

/// The chain holds; whether its end can be vouched for is another question.
fn whole(opened: &Opened, signed: &Signed, head: &Head, anew: bool) -> Outcome {
    if signed.checkpoint.is_none() && !anew {
        println!("{}", head.seq + 1);
        return Err(vec![format!(
            "the {} rows of the audit trail hold, and there is no checkpoint, so whether rows after them were cut \
             cannot be seen: find out why it has gone, then run cdr audit verify --begin",
            head.seq
        )]);
    }
    if signed.checkpoint.is_none() {
        let (ctx, rows) = (opened.operator(), u64::try_from(head.seq).unwrap_or(0));
        opened
            .db
            .write(move |tx| begun(tx, &ctx, rows))
            .map_err(|e| opened.told(e))?;
        let file = place(&opened.settings.data_dir);
        let anchor = opened.settings.audit_anchor.as_ref();
        begin(&opened.db, &opened.operator(), &file, anchor).map_err(|e| vec![e])?;
        println!("A checkpoint was begun, and the audit trail keeps that it was.");
    }
    println!("The audit trail holds: {} rows.", head.seq);
    if let Some(anchor) = &signed.anchor {
        println!("So say {} checkpoints at the anchor.", anchor.len());
    } else if opened.settings.audit_anchor.is_some() {
        println!("The anchor is a command, so what was handed to it was not compared.");
    }
    Ok(ExitCode::SUCCESS)
}
