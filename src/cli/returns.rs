//! `cdr return`: writing a return package into a folder, and listing what would be refused.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cdr::casework::submit_return::{self, Ask, Stopped, Written};
use cdr::casework::{Context, Error};
use cdr::domain::form::Severity;
use cdr::domain::national_return::{Kind, Order};
use cdr::domain::permission::Verb;
use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{Opened, Outcome, open};

/// The return to the national database.
#[derive(Subcommand)]
pub enum Return {
    /// Write the return package into a folder and print its path
    Export(Export),
    /// Print what would be refused and why; exit 1 if anything would
    Check(Check),
}

/// Which package, and where to.
#[derive(Args)]
pub struct Export {
    /// One of `year_end`, final, notification, `annual_report`, withdrawal
    #[arg(long, value_parser = kind)]
    kind: Kind,
    /// First day of the period, for example 2025-04-01
    #[arg(long)]
    from: NaiveDate,
    /// Last day of the period, for example 2026-03-31
    #[arg(long)]
    to: NaiveDate,
    /// The folder; it is made when it is not there
    #[arg(long)]
    out: PathBuf,
    /// Reference of the one case wanted
    #[arg(long, default_value = "")]
    case: String,
    /// A copy that is safe to open in a spreadsheet
    #[arg(long)]
    spreadsheet: bool,
    /// For publication: small counts are withheld
    #[arg(long)]
    published: bool,
    /// With each agency's own answers, for use inside the panel only
    #[arg(long)]
    originals: bool,
}

/// Which return to check.
#[derive(Args)]
pub struct Check {
    /// First day of the period, for example 2025-04-01
    #[arg(long)]
    from: NaiveDate,
    /// Last day of the period, for example 2026-03-31
    #[arg(long)]
    to: NaiveDate,
    /// The kind of return to check
    #[arg(long, value_parser = kind, default_value = "year_end")]
    kind: Kind,
}

fn kind(code: &str) -> Result<Kind, String> {
    Kind::of(code).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        format!("must be one of {}", known.join(", "))
    })
}

/// Writes or checks.
pub fn run(command: &Return) -> Outcome {
    match command {
        Return::Export(asked) => export(asked),
        Return::Check(asked) => check(asked),
    }
}

fn order(opened: &Opened, ctx: &Context, verb: Verb, ask: &Ask) -> Result<Order, Vec<String>> {
    opened
        .db
        .read(|conn| submit_return::order(conn, ctx, verb, ask))
        .map_err(|e| opened.told(e))
}

fn export(asked: &Export) -> Outcome {
    let ask = Ask {
        kind: Some(asked.kind),
        from: Some(asked.from),
        to: Some(asked.to),
        case: asked.case.clone(),
        published: asked.published,
        spreadsheet: asked.spreadsheet,
        originals: asked.originals,
    };
    let opened = open()?;
    let ctx = opened.operator();
    let order = order(&opened, &ctx, Verb::ExportReturn, &ask)?;
    fs::create_dir_all(&asked.out)
        .map_err(|_| vec![format!("{} could not be made", asked.out.display())])?;
    let (begun, by) = (order.clone(), ctx.clone());
    opened
        .db
        .write(move |tx| submit_return::begin(tx, &by, &begun))
        .map_err(|e| opened.told(e))?;
    let path = asked.out.join(order.file_name());
    let part = path.with_extension("zip.part");
    let made = write(&opened, &ctx, order, &part).and_then(|written| {
        opened
            .db
            .write(move |tx| submit_return::enter(tx, &ctx, &written))
            .map_err(|e| opened.told(e))?;
        fs::rename(&part, &path).map_err(|_| vec![format!("{} could not be named", path.display())])
    });
    if made.is_err() {
        // Half a package is worth nothing to anybody; that it cannot be removed is no news beside that.
        drop(fs::remove_file(&part));
    }
    made?;
    println!("{}", path.display());
    Ok(ExitCode::SUCCESS)
}

fn write(
    opened: &Opened,
    ctx: &Context,
    order: Order,
    part: &Path,
) -> Result<Written, Vec<String>> {
    let cannot = || vec![format!("{} could not be written", part.display())];
    let mut out = BufWriter::with_capacity(64 * 1024, private(part).map_err(|_| cannot())?);
    let written = match submit_return::export(&opened.db, ctx, order, &mut out, &|| false) {
        Ok(written) => written,
        Err(Stopped::Gone) => return Err(cannot()),
        Err(Stopped::Failed(error)) => return Err(opened.told(error)),
    };
    out.flush().map_err(|_| cannot())?;
    out.get_ref().sync_all().map_err(|_| cannot())?;
    Ok(written)
}

/// A new file that only its owner can read: it holds personal data.
fn private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn check(asked: &Check) -> Outcome {
    let ask = Ask {
        kind: Some(asked.kind),
        from: Some(asked.from),
        to: Some(asked.to),
        ..Ask::default()
    };
    let opened = open()?;
    let ctx = opened.operator();
    let order = order(&opened, &ctx, Verb::CheckReturn, &ask)?;
    let found = opened
        .db
        .snapshot(|conn| submit_return::check(conn, &ctx, &order, usize::MAX))
        .map_err(|e| opened.told(e))?;
    for issue in &found.issues {
        let weight = match issue.severity {
            Severity::Stop => "refused",
            Severity::Warn => "asked about",
        };
        println!("{weight}: {issue}");
    }
    println!(
        "{} cases go out; {} of them would be refused.",
        found.cases, found.refused
    );
    let code = if found.stops == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    opened
        .db
        .write(move |tx| submit_return::checked(tx, &ctx, &order, &found))
        .map_err(|error: Error| opened.told(error))?;
    Ok(code)
}
