//! What runs beside a review: recording it, changing it, looking how far it is, and its end. In the same transaction
//! the clocks follow its days, and a case that nothing holds any more moves on. Must not know how a page asks.

mod check;
mod lift;

use std::collections::BTreeSet;

use chrono::{Days as Span, NaiveDate};

use super::picture::Picture;
use super::{Context, Error, Outcome, access, clocks, jar, merge, record, triage};
use crate::domain::case::ProcessFacts;
use crate::domain::clock::Occasion;
use crate::domain::event::{Event, differing};
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::domain::process::{Holds, Kind, Spoken, State};
use crate::store::cases::Case;
use crate::store::processes::{self as store, After, Filter, Process, Sort};
use crate::store::{Conn, Tx, merges};

/// What a person says of a process. `problems` are what a page could not read of it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// None where it stays as it is.
    pub state: Option<State>,
    pub holds: Holds,
    pub reference: String,
    pub lead_body: String,
    pub began_on: Option<NaiveDate>,
    pub step_on: Option<NaiveDate>,
    pub checked_on: Option<NaiveDate>,
    pub next_check: Option<NaiveDate>,
    pub expected_end: Option<NaiveDate>,
    pub over_on: Option<NaiveDate>,
    /// Number of a document of the case.
    pub document: String,
    pub outcome: String,
    pub note: String,
    pub problems: Vec<Problem>,
}

/// How a process came to its end.
#[derive(Clone, Debug, Default)]
pub struct End {
    pub state: Option<State>,
    pub over_on: Option<NaiveDate>,
    pub outcome: String,
    pub document: String,
    pub problems: Vec<Problem>,
}

/// A process with what its kind says of it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub row: Process,
    /// None for a kind that the data file does not have any more.
    pub kind: Option<Kind>,
    pub state: State,
    pub holds: Holds,
    /// It is to be looked at, and the day has passed.
    pub late: bool,
}

impl Shown {
    pub fn label(&self) -> &str {
        self.kind
            .as_ref()
            .map_or(self.row.kind.as_str(), |kind| kind.label.as_str())
    }
}

pub(super) fn state_of(row: &Process) -> Outcome<State> {
    row.state
        .parse()
        .map_err(|_| Error::Internal("an unknown state of a process is stored".into()))
}

/// What a process holds back now.
pub(super) fn holds_of(row: &Process) -> Outcome<Holds> {
    let open = state_of(row)?.is_open();
    Ok(Holds {
        meeting: open && row.holds_meeting,
        panel: open && row.holds_panel,
    })
}

/// Every process of a case and of the cases that are read under it: they hold one review back.
pub(super) fn beside(conn: &mut Conn, case_id: &str) -> Outcome<Vec<Process>> {
    let mut all = Vec::new();
    for id in merges::together(conn, case_id)? {
        all.extend(store::of_case(conn, &id)?);
    }
    Ok(all)
}

/// What all processes of a case together hold back.
pub fn held(conn: &mut Conn, case_id: &str) -> Outcome<Holds> {
    let rows = beside(conn, case_id)?;
    let each = rows.iter().map(holds_of).collect::<Outcome<Vec<Holds>>>()?;
    Ok(Holds::all(each))
}

fn shown(ctx: &Context, row: Process) -> Outcome<Shown> {
    let state = state_of(&row)?;
    Ok(Shown {
        kind: ctx.house.processes.get(&row.kind).cloned(),
        state,
        holds: holds_of(&row)?,
        late: state.is_open() && row.next_check.is_some_and(|day| day < ctx.today()),
        row,
    })
}

/// The processes of a case: those that go on first, by when they are to be looked at.
pub fn of_case(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Shown>> {
    access::stand(conn, ctx, case, Verb::ReadProcesses)?;
    let rows = store::of_case(conn, &case.id)?;
    let mut all = rows
        .into_iter()
        .map(|row| shown(ctx, row))
        .collect::<Outcome<Vec<Shown>>>()?;
    all.sort_by_key(|p| {
        let day = p.row.next_check;
        (!p.state.is_open(), day.is_none(), day)
    });
    Ok(all)
}

/// One process of a case.
pub fn one(conn: &mut Conn, ctx: &Context, case: &Case, id: &str) -> Outcome<Shown> {
    let row = store::get(conn, id)?.filter(|row| row.case_id == case.id);
    shown(ctx, row.ok_or(Error::NotFound)?)
}

/// A page of the board over every case that the reader may see, with the reference of each case.
pub fn board(
    conn: &mut Conn,
    ctx: &Context,
    filter: Filter,
    sort: Sort,
    after: Option<After>,
    most: i64,
) -> Outcome<Vec<(Shown, String)>> {
    let filter = Filter {
        sight: access::sight(ctx),
        ..filter
    };
    store::page(conn, &filter, sort, after, most)?
        .into_iter()
        .map(|(row, reference)| Ok((shown(ctx, row)?, reference)))
        .collect()
}

/// What is owed next must know of these.
pub(super) fn facts(conn: &mut Conn, ctx: &Context, case_id: &str) -> Outcome<Vec<ProcessFacts>> {
    let kinds = &ctx.house.processes;
    let inquests = kinds.that_stop(&ctx.house.clocks, Occasion::InquestConcluded);
    let mut all = Vec::new();
    for row in beside(conn, case_id)? {
        let state = state_of(&row)?;
        if state == State::Mistaken {
            continue;
        }
        all.push(ProcessFacts {
            name: kinds.label(&row.kind).to_owned(),
            open: state.is_open(),
            next_check: row.next_check,
            holds: holds_of(&row)?,
            inquest: inquests.iter().any(|kind| kind.code == row.kind),
            over_on: row.over_on.filter(|_| state.is_over()),
        });
    }
    Ok(all)
}

/// What the record says runs beside the review and nobody has recorded, under way or not: of the case and of those that
/// are read under it. What was entered by mistake is not recorded.
pub fn unrecorded(
    conn: &mut Conn,
    ctx: &Context,
    case_id: &str,
    known: &Picture,
) -> Outcome<Vec<Spoken>> {
    let mut others = Vec::new();
    for id in merges::together(conn, case_id)? {
        if id != case_id {
            others.push(Picture::load(conn, ctx, &id)?);
        }
    }
    let of = |form: &str| {
        let all = std::iter::once(known).chain(&others);
        all.filter_map(|one| one.answers(form)).collect()
    };
    let mut spoken = ctx.house.signs.spoken(&ctx.house.processes, of);
    if spoken.is_empty() {
        return Ok(spoken);
    }
    let rows = beside(conn, case_id)?;
    let recorded: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.state != State::Mistaken.as_str())
        .map(|row| row.kind.as_str())
        .collect();
    spoken.retain(|one| !recorded.contains(one.kind.as_str()));
    Ok(spoken)
}

/// Records a process of this kind beside a case. Gives its id.
pub fn add(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    kind: &str,
    given: &Given,
) -> Outcome<String> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::KeepProcess)?;
    alone(tx, &case)?;
    let kind = ctx.house.processes.get(kind).ok_or(Error::NotFound)?;
    let mut row = blank(ctx, &case, kind);
    check::put(tx.conn(), ctx, kind, &mut row, given, None)?;
    store::insert(tx, &row)?;
    let event = Event::ProcessAdded {
        process_id: row.id.clone(),
        kind: kind.code.clone(),
        label: kind.label.clone(),
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    after(tx, ctx, &case, kind, None, &row)?;
    Ok(row.id)
}

fn blank(ctx: &Context, case: &Case, kind: &Kind) -> Process {
    Process {
        id: ctx.new_id(),
        case_id: case.id.clone(),
        kind: kind.code.clone(),
        state: State::UnderWay.as_str().to_owned(),
        holds_meeting: kind.holds.meeting,
        holds_panel: kind.holds.panel,
        began_on: None,
        step_on: None,
        checked_on: None,
        next_check: None,
        expected_end: None,
        over_on: None,
        document: None,
        created_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        version: 1,
        reference: None,
        lead_body: None,
        outcome: None,
        note: None,
    }
}

/// Two processes of one review change one after the other: each looks at what the other holds.
fn alone(tx: &mut Tx<'_>, case: &Case) -> Outcome<()> {
    let of = merge::reviewed_as(tx.conn(), case)?;
    Ok(tx.hold(&format!("processes:{}", of.id))?)
}

/// The process, at the version that was read, for whoever may keep it.
fn kept<'a>(
    tx: &mut Tx<'_>,
    ctx: &'a Context,
    reference: &str,
    id: &str,
    version: i32,
) -> Outcome<(Case, &'a Kind, Process)> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::KeepProcess)?;
    alone(tx, &case)?;
    let row = store::get(tx.conn(), id)?
        .filter(|row| row.case_id == case.id)
        .ok_or(Error::NotFound)?;
    let kind =
        ctx.house.processes.get(&row.kind).ok_or_else(|| {
            Error::Rule("Processes of this kind are not kept here any more.".into())
        })?;
    if row.version != version {
        return Err(Error::Stale);
    }
    Ok((case, kind, row))
}

/// Changes what is known of a process.
pub fn change(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    id: &str,
    version: i32,
    given: &Given,
) -> Outcome<()> {
    let (case, kind, before) = kept(tx, ctx, reference, id, version)?;
    let mut row = before.clone();
    check::put(tx.conn(), ctx, kind, &mut row, given, Some(&before))?;
    let fields = check::changed(kind, &before, &row);
    save(tx, ctx, &mut row)?;
    let (was, is) = differing(check::told(&before), check::told(&row));
    let event = Event::ProcessChanged {
        process_id: row.id.clone(),
        kind: kind.code.clone(),
        label: kind.label.clone(),
        fields,
        before: was,
        after: is,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    after(tx, ctx, &case, kind, Some(&before), &row)
}

/// Somebody looked how far it is, and there was nothing new: it is looked at again after the kind's usual time.
pub fn looked(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    id: &str,
    version: i32,
) -> Outcome<()> {
    let (case, kind, before) = kept(tx, ctx, reference, id, version)?;
    if !state_of(&before)?.is_open() {
        return Err(Error::Rule("This process is over.".into()));
    }
    let mut row = before.clone();
    row.checked_on = Some(ctx.today());
    row.next_check = Some(next_check(ctx, kind));
    save(tx, ctx, &mut row)?;
    let event = Event::ProcessChecked {
        process_id: row.id.clone(),
        kind: kind.code.clone(),
        label: kind.label.clone(),
        next: row.next_check,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    triage::refresh(tx, ctx, &case.id)
}

/// When a process is looked at again unless somebody says otherwise.
pub fn next_check(ctx: &Context, kind: &Kind) -> NaiveDate {
    let today = ctx.today();
    today
        .checked_add_days(Span::new(u64::from(kind.check_every)))
        .unwrap_or(today)
}

/// Records how a process came to its end. What it held back is held no longer.
pub fn conclude(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    id: &str,
    version: i32,
    end: &End,
) -> Outcome<()> {
    let (case, kind, before) = kept(tx, ctx, reference, id, version)?;
    let mut row = before.clone();
    let (state, on) = check::end(tx.conn(), ctx, kind, &mut row, end)?;
    save(tx, ctx, &mut row)?;
    let event = Event::ProcessOver {
        process_id: row.id.clone(),
        kind: kind.code.clone(),
        label: kind.label.clone(),
        state,
        on,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    after(tx, ctx, &case, kind, Some(&before), &row)
}

fn save(tx: &mut Tx<'_>, ctx: &Context, row: &mut Process) -> Outcome<()> {
    row.updated_at = ctx.stamp();
    if store::save(tx, row)? {
        row.version += 1;
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// What follows from a process as it stands now: for the clocks, for a case that it held, and for the worklist.
fn after(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    kind: &Kind,
    before: Option<&Process>,
    row: &Process,
) -> Outcome<()> {
    clocks::process_says(tx, ctx, row)?;
    if let Some(before) = before {
        lift::lifted(tx, ctx, case, kind, before, row)?;
    }
    jar::process_says(tx, ctx, case, &kind.code)?;
    triage::refresh(tx, ctx, &case.id)
}
