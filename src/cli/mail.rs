//! `cdr mail bounced`.

use std::io::Read;
use std::process::ExitCode;

use cdr::casework::mailing::{self, Back};
use cdr::domain::bounce::{self, LARGEST};
use clap::Subcommand;

use super::{Outcome, open};

/// Mail that was sent.
#[derive(Subcommand)]
pub enum Mail {
    /// Take a delivery status notification (RFC 3464) from standard input and mark the message that came back; exit 1
    /// if it is no such notice or about no message of ours
    Bounced,
}

/// Reads one notice.
pub fn run(_: &Mail) -> Outcome {
    let mut bytes = Vec::new();
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    std::io::stdin()
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| vec!["standard input could not be read".to_owned()])?;
    if bytes.len() > LARGEST {
        return Err(vec!["the notice is larger than 10 MB".to_owned()]);
    }
    let notice = bounce::read(&bytes).map_err(|why| vec![why.words().to_owned()])?;
    let opened = open()?;
    let ctx = opened.operator();
    let done = opened
        .db
        .write(move |tx| mailing::came_back(tx, &ctx, &notice))
        .map_err(|e| opened.told(e))?;
    println!(
        "{}",
        match done {
            Back::Marked => "The message is marked: it came back.",
            Back::Already => "That it came back was known already.",
            Back::Late => "The message has not failed for good; nothing was changed.",
            Back::Earlier => "A newer message went out in its place; nothing was changed.",
            Back::Waiting => "The message waits to be sent again; nothing was changed.",
        }
    );
    Ok(ExitCode::SUCCESS)
}
