//! The return to the national database: checking what would be refused, writing the package, keeping the
//! ledger of what was sent, and recording what the receiver said. Must not know how a package is delivered.
//!
//! A package is written from one snapshot of the store, with no write transaction open: [`begin`] notes in the trail that
//! it is about to leave, [`export`] notes on each case in it that it goes out and then streams it, and only when the last
//! byte is made does [`enter`] put it in the ledger.
//!
//! For the national database a restricted case goes out like any other: the review partners must give it every death
//! (Children Act 2004, sections 16M to 16Q), and who may export is asked for a fresh code. The auditors hear of it when it
//! was kept from whoever made the package. What stays here (a check, an annual report, a copy for a spreadsheet, agencies'
//! own answers) holds and counts no case on which the reader is not named.

mod ledger;
mod lines;
mod source;
mod stored;

use std::collections::BTreeSet;
use std::io::{self, Write};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::people::problem;
use super::secrets::hex;
use super::{Context, Error, Outcome, access};
use crate::domain::event::Event;
use crate::domain::form::{Problem, Severity};
use crate::domain::national_return::{Exporter, Issue, Kind, Order, Period, Summary, Verified};
use crate::domain::permission::{Facts, Verb};
use crate::store::{Conn, Db, StoreError, Tx, cases, restrictions, returns};

pub use ledger::{Answer, Receipt, answer, answer_faults, begin, enter};
use lines::Lines;
use source::Stored;

/// What is asked for, as a page or a command gives it.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub kind: Option<Kind>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Reference of the one case wanted; blank for all.
    pub case: String,
    /// For publication: small counts are withheld.
    pub published: bool,
    /// For opening in a spreadsheet: a text that looks like a formula is disarmed.
    pub spreadsheet: bool,
    /// With each agency's own answers, for use here only.
    pub originals: bool,
}

/// What is wrong with what was asked, as far as that shows without looking at the cases.
pub fn faults(ask: &Ask) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut fault = |field: &str, words: &str| found.push(problem(field, "required", words));
    if ask.kind.is_none() {
        fault("kind", "Choose which return to make");
    }
    if ask.from.is_none() {
        fault(
            "from",
            "Enter the first day of the period, for example 1 4 2026",
        );
    }
    match (ask.from, ask.to) {
        (_, None) => fault(
            "to",
            "Enter the last day of the period, for example 31 3 2027",
        ),
        (Some(from), Some(to)) if to < from => {
            fault(
                "to",
                "The last day must be the same as or after the first day",
            );
        }
        _ => {}
    }
    let whole = matches!(ask.kind, Some(Kind::YearEnd | Kind::AnnualReport));
    if whole && !ask.case.trim().is_empty() {
        fault(
            "case",
            "This return holds all cases of the period. Leave the reference empty",
        );
    }
    found
}

/// The order for what was asked, or everything that is wrong with it.
pub fn order(conn: &mut Conn, ctx: &Context, verb: Verb, ask: &Ask) -> Outcome<Order> {
    ctx.allow(verb, &Facts::default())?;
    let mut problems = faults(ask);
    let reference = ask.case.trim().to_uppercase();
    let mut case = None;
    if !reference.is_empty() {
        case = cases::by_reference(conn, &reference)?;
        if let Some(found) = &case
            && access::facts(conn, ctx, found).map(|f| f.restricted && !f.named)?
            && ctx.actor.user_id().is_some()
        {
            case = None;
        }
        if case.is_none() && !problems.iter().any(|p| p.field == "case") {
            let words = "There is no case with this reference";
            problems.push(problem("case", "reference", words));
        }
    }
    let (Some(kind), Some(from), Some(to), true) =
        (ask.kind, ask.from, ask.to, problems.is_empty())
    else {
        return Err(Error::Invalid(problems));
    };
    Ok(Order {
        kind,
        period: Period { from, to },
        case: case.map(|case| case.id),
        cdop: ctx.house.area.code.clone(),
        created_by: ctx.actor.label(),
        stamp: ctx.now,
        published: ask.published,
        spreadsheet: ask.spreadsheet,
        originals: ask.originals,
    })
}

/// A package that was written to its end.
#[derive(Clone, Debug)]
pub struct Written {
    pub order: Order,
    pub summary: Summary,
    /// Of the whole package, in lower-case hexadecimal.
    pub sha256: String,
    lines: Lines,
}

impl Written {
    /// Rows of all files, without their headers.
    pub fn rows(&self) -> u64 {
        self.summary.files.iter().map(|part| part.rows).sum()
    }

    /// Cases of which something went out.
    pub fn cases(&self) -> usize {
        self.lines.count()
    }

    /// Whether it is for the receiver, and not for publication or for use here.
    pub fn is_submission(&self) -> bool {
        self.order.is_submission()
    }
}

/// Why a package was not written to its end.
#[derive(Debug)]
pub enum Stopped {
    /// Whoever was to take it has gone, or no longer takes anything.
    Gone,
    Failed(Error),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<io::Error> for Stopped {
    /// Only the taker reports a plain error; the store's are wrapped.
    fn from(error: io::Error) -> Self {
        match error.downcast::<StoreError>() {
            Ok(store) => store.into(),
            Err(_) => Self::Gone,
        }
    }
}

/// Writes a package to `out` from one snapshot; stops soon after `gone` says that nobody takes it any more.
/// The caller has noted it with [`begin`]; what became of it is recorded by [`enter`]. Each case in it has its line in the
/// trail before the first byte, so that a package that was broken off is known too.
pub fn export(
    db: &Db,
    ctx: &Context,
    order: Order,
    out: &mut dyn Write,
    gone: &dyn Fn() -> bool,
) -> Result<Written, Stopped> {
    ctx.allow(Verb::ExportReturn, &Facts::default())?;
    let (summary, sha256, lines) = db.snapshot(|conn| {
        let verified = Verified(returns::verified(conn)?);
        let house = &ctx.house;
        let exporter = Exporter::new(&house.library, &house.layout, &verified);
        let hidden = hidden(conn, ctx)?;
        let reader = ctx.actor.user_id().filter(|_| !order.is_submission());
        let mut source = Stored::new(conn, house, &order, &verified, gone).for_the_eyes_of(reader);
        source.survey()?;
        ledger::leaving(db, ctx, &order, &source.lines, &hidden)?;
        let mut out = Summed {
            out,
            hash: Sha256::new(),
        };
        let summary = exporter.zip(&order, &mut source, &mut out)?;
        let sha256 = hex(&out.hash.finalize());
        Ok::<_, Stopped>((summary, sha256, source.lines))
    })?;
    Ok(Written {
        order,
        summary,
        sha256,
        lines,
    })
}

/// Sums what passes.
struct Summed<'w> {
    out: &'w mut dyn Write,
    hash: Sha256,
}

impl Write for Summed<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(piece)?;
        let (passed, _) = piece.split_at(taken.min(piece.len()));
        self.hash.update(passed);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What the receiver would refuse or ask about.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The first of them, in the order of cases.
    pub issues: Vec<Issue>,
    /// All there are, refused and asked about.
    pub stops: usize,
    pub warns: usize,
    /// Cases of which at least one thing would be refused.
    pub refused: usize,
    /// Cases that go out.
    pub cases: usize,
}

/// Lists what would be refused of a return; no more than `most` are kept, all are counted. Of a case that is kept from the
/// reader nothing is, not even that it is there: who is named on it checks it, or the command line.
pub fn check(conn: &mut Conn, ctx: &Context, order: &Order, most: usize) -> Outcome<Checked> {
    ctx.allow(Verb::CheckReturn, &Facts::default())?;
    let verified = Verified(returns::verified(conn)?);
    let house = &ctx.house;
    let exporter = Exporter::new(&house.library, &house.layout, &verified);
    let mut source =
        Stored::new(conn, house, order, &verified, &|| false).for_the_eyes_of(ctx.actor.user_id());
    let mut found = Checked::default();
    let mut last = String::new();
    let done = exporter.check(order, &mut source, &mut |issue| {
        if issue.severity == Severity::Stop {
            found.stops += 1;
            if issue.case_id != last {
                found.refused += 1;
                last.clone_from(&issue.case_id);
            }
        } else {
            found.warns += 1;
        }
        if found.issues.len() < most {
            found.issues.push(issue);
        }
        Ok(())
    });
    found.cases = source.lines.count();
    match done.map_err(Stopped::from) {
        Ok(()) => Ok(found),
        Err(Stopped::Failed(error)) => Err(error),
        Err(Stopped::Gone) => Err(Error::Internal("a check was not written to its end".into())),
    }
}

/// The restricted cases on which whoever asks is not named, by id.
fn hidden(conn: &mut Conn, ctx: &Context) -> Outcome<BTreeSet<String>> {
    let Some(reader) = ctx.actor.user_id() else {
        return Ok(BTreeSet::new());
    };
    Ok(restrictions::hidden_ids(conn, reader)?
        .into_iter()
        .collect())
}

/// Records that a return was looked through.
pub fn checked(tx: &mut Tx<'_>, ctx: &Context, order: &Order, found: &Checked) -> Outcome<()> {
    ctx.allow(Verb::CheckReturn, &Facts::default())?;
    let event = Event::ReturnChecked {
        from: order.period.from,
        to: order.period.to,
        cases: found.cases,
        refused: found.refused,
    };
    super::record(tx, ctx, None, None, &event)
}
