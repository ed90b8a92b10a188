//! The ledger of packages: what was sent when by whom, and what the receiver said of it. Must not know what
//! stood in a package beyond which cases it held.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::Written;
use super::lines::Lines;
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, gather, new_id, openings, record, triage, years};
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::case::{Move, State};
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::national_return::Order;
use crate::domain::permission::{Facts, Verb};
use crate::store::returns::{Entry, Line};
use crate::store::{Db, Tx, cases, returns};

/// Lines read at once.
const STRETCH: i64 = 500;
/// The longest note of what the receiver said, in characters.
const LONGEST: usize = 2_000;

/// Notes that a package is about to leave, before anything of it does: whatever becomes of it on the way, it is known who
/// asked for it. When this cannot be written nothing leaves.
pub fn begin(tx: &mut Tx<'_>, ctx: &Context, order: &Order) -> Outcome<()> {
    ctx.allow(Verb::ExportReturn, &Facts::default())?;
    let event = Event::ReturnBegun {
        kind: order.kind.code().to_owned(),
        from: order.period.from,
        to: order.period.to,
        package: order.file_name(),
        identified: !order.is_pseudonymised(),
    };
    record(tx, ctx, order.case.as_deref(), None, &event)
}

/// Notes on each case of a package that it goes out, before anything of it does; when this cannot be written nothing leaves.
/// The auditors hear of it when one of them is among `hidden`, the cases kept from whoever makes a package for the receiver.
pub(super) fn leaving(
    db: &Db,
    ctx: &Context,
    order: &Order,
    lines: &Lines,
    hidden: &BTreeSet<String>,
) -> Outcome<()> {
    let event = Event::CaseExported {
        kind: order.kind.code().to_owned(),
        package: order.file_name(),
        identified: !order.is_pseudonymised(),
        sent: order.is_submission(),
    };
    let mut told = false;
    lines.batches("", |some| {
        let ids: Vec<String> = some.iter().map(|line| line.case_id.clone()).collect();
        let tell = !told && ids.iter().any(|id| hidden.contains(id));
        told |= tell;
        let (ctx, event) = (ctx.clone(), event.clone());
        db.write(move |tx| {
            if tell {
                openings::left(tx, &ctx)?;
            }
            ids.iter()
                .try_for_each(|id| record(tx, &ctx, Some(id), None, &event))
        })
    })
}

/// Puts a package that was written to its end in the ledger, with the version of each case in it.
pub fn enter(tx: &mut Tx<'_>, ctx: &Context, written: &Written) -> Outcome<String> {
    ctx.allow(Verb::ExportReturn, &Facts::default())?;
    let order = &written.order;
    let id = new_id(ctx.now);
    let entry = Entry {
        id: id.clone(),
        kind: order.kind.code().to_owned(),
        period_from: order.period.from,
        period_to: order.period.to,
        created_at: ctx.stamp(),
        created_by: order.created_by.clone(),
        file_name: written.summary.file_name.clone(),
        sha256: written.sha256.clone(),
        row_count: i64::try_from(written.rows()).unwrap_or(i64::MAX),
        case_count: i64::try_from(written.cases()).unwrap_or(i64::MAX),
        identified: !order.is_pseudonymised(),
        receiver_answer: None,
        answer_words: None,
        answered_at: None,
    };
    returns::insert(tx, &entry)?;
    if written.is_submission() {
        written
            .lines
            .batches(&id, |some| returns::insert_lines(tx, some))?;
    }
    let event = Event::ReturnExported {
        kind: entry.kind,
        from: entry.period_from,
        to: entry.period_to,
        package: entry.file_name,
        sha256: entry.sha256,
        cases: written.cases(),
    };
    record(tx, ctx, None, Some(&id), &event)?;
    Ok(id)
}

/// What the receiver said of a package, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Accepted, or refused; none when nothing was chosen.
    pub accepted: Option<bool>,
    /// The day they said it, in London.
    pub on: Option<NaiveDate>,
    pub words: String,
}

/// What is wrong with an answer as it was typed.
pub fn answer_faults(ctx: &Context, entry: &Entry, given: &Answer) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut fault = |field: &str, words: &str| found.push(problem(field, "required", words));
    if given.accepted.is_none() {
        fault(
            "outcome",
            "Choose whether the national database accepted the package",
        );
    }
    match given.on {
        None => fault("on", "Enter the date of the answer, for example 27 3 2026"),
        Some(on) if on > ctx.today() => {
            fault("on", "The date of the answer must be today or in the past");
        }
        Some(on) if on < london(entry.created_at.and_utc()).date() => {
            fault(
                "on",
                "The date of the answer must be on or after the day the package was made",
            );
        }
        Some(_) => {}
    }
    let words = given.words.trim();
    if given.accepted == Some(false) && words.is_empty() {
        fault("words", "Say what the national database refused, and why");
    }
    if words.chars().count() > LONGEST {
        fault("words", "What was said must have 2,000 characters or fewer");
    }
    found
}

/// How an answer came to bear on the cases of its package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Cases moved on to "sent to the national database".
    pub submitted: usize,
    /// Cases that changed after the package was made, so that the answer is not about what they are now.
    pub changed_since: usize,
}

/// Records what the receiver said. An accepted package marks its cases as known to the national database, and
/// moves on those that are finalised at the version it held.
pub fn answer(tx: &mut Tx<'_>, ctx: &Context, id: &str, given: &Answer) -> Outcome<Receipt> {
    ctx.allow(Verb::RecordNationalAcceptance, &Facts::default())?;
    let entry = returns::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    let problems = answer_faults(ctx, &entry, given);
    let (Some(accepted), Some(on), true) = (given.accepted, given.on, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    if returns::lines(tx.conn(), id, "", 1)?.is_empty() && entry.case_count > 0 {
        let words = "This package was made for use here, so there is no answer to record.";
        return Err(Error::Rule(words.into()));
    }
    if is_accepted(&entry) {
        let words = "It was recorded already that this package was accepted.";
        return Err(Error::Rule(words.into()));
    }
    let said = if accepted { "accepted" } else { "refused" };
    let words = given.words.trim();
    let at = moment(ctx, on);
    if !returns::answer(tx, id, said, (!words.is_empty()).then_some(words), at)? {
        return Err(Error::NotFound);
    }
    let event = Event::ReturnAnswered {
        package: entry.file_name.clone(),
        answer: said.to_owned(),
        on,
    };
    record(tx, ctx, None, Some(id), &event)?;
    let mut receipt = Receipt::default();
    if accepted {
        let accepted = Accepted {
            entry: &entry,
            on,
            at,
        };
        accepted.every_case(tx, ctx, &mut receipt)?;
        years::accepted(tx, ctx, &entry, on)?;
    }
    Ok(receipt)
}

fn is_accepted(entry: &Entry) -> bool {
    entry.receiver_answer.as_deref() == Some("accepted")
}

/// The moment to store for a day: now when it is today, otherwise noon of that day.
fn moment(ctx: &Context, on: NaiveDate) -> NaiveDateTime {
    if on == ctx.today() {
        return ctx.stamp();
    }
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    utc_of_london(on.and_time(noon)).naive_utc()
}

/// A package that was accepted.
struct Accepted<'a> {
    entry: &'a Entry,
    on: NaiveDate,
    at: NaiveDateTime,
}

impl Accepted<'_> {
    fn every_case(&self, tx: &mut Tx<'_>, ctx: &Context, receipt: &mut Receipt) -> Outcome<()> {
        let mut after = String::new();
        loop {
            let lines = returns::lines(tx.conn(), &self.entry.id, &after, STRETCH)?;
            let Some(last) = lines.last() else {
                return Ok(());
            };
            last.case_id.clone_into(&mut after);
            for line in &lines {
                self.one(tx, ctx, line, receipt)?;
            }
        }
    }

    fn one(
        &self,
        tx: &mut Tx<'_>,
        ctx: &Context,
        line: &Line,
        receipt: &mut Receipt,
    ) -> Outcome<()> {
        let Some(mut case) = cases::get(tx.conn(), &line.case_id)? else {
            return Ok(());
        };
        let is_final = matches!(line.submission.as_str(), "final" | "correction");
        let same = case.return_version == line.version && case.finalised_at.is_some();
        if is_final && !same {
            receipt.changed_since += 1;
        }
        let first = case.national_notified_at.is_none() && line.submission != "withdrawal";
        let last = is_final && same && case.national_accepted_at.is_none();
        if !first && !last && line.submission != "withdrawal" {
            // The national database knew as much before; there is nothing new to say of the case.
            return Ok(());
        }
        if first || last {
            case.national_notified_at = case.national_notified_at.or(Some(self.at));
            if last {
                case.national_accepted_at = Some(self.at);
            }
            let was = case.state.clone();
            gather::save_case(tx, &case, &was)?;
        }
        self.tell(tx, ctx, line)?;
        if last && case.state == State::SignedOff.as_str() {
            let case = cases::get(tx.conn(), &line.case_id)?.ok_or(Error::NotFound)?;
            triage::step(tx, ctx, &case, Move::Submit, "")?;
            receipt.submitted += 1;
        }
        if first || last {
            triage::refresh(tx, ctx, &line.case_id)?;
        }
        Ok(())
    }

    fn tell(&self, tx: &mut Tx<'_>, ctx: &Context, line: &Line) -> Outcome<()> {
        let version = u32::try_from(line.version).unwrap_or(1);
        let (case, package) = (Some(line.case_id.as_str()), Some(self.entry.id.as_str()));
        let sent = Event::CaseSubmitted {
            submission: line.submission.clone(),
            version,
            package: self.entry.file_name.clone(),
        };
        record(tx, ctx, case, package, &sent)?;
        let taken = Event::NationalAcceptanceRecorded {
            submission: line.submission.clone(),
            version,
            on: self.on,
        };
        record(tx, ctx, case, package, &taken)
    }
}
