//! The clocks of the area itself: the national year end, and the panel's annual report. Each runs once for each year,
//! from 31 March, by the same engine and the same data file as the clocks of cases. Must not know how a date is
//! counted, nor what stands in a return.

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime};

use super::gather::given_reason;
use super::letters::{self, Near};
use super::people::problem;
use super::{Context, Error, Outcome, access, record};
use crate::domain::actor::Role;
use crate::domain::calendar::london;
use crate::domain::case::State;
use crate::domain::clock::{
    Clock as Definition, Happened, Occasion, Outcome as Stands, Recipient, Rung, Standing, Start,
};
use crate::domain::event::Event;
use crate::domain::national_return::Kind;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::returns::Entry;
use crate::store::years::{self as store, Taken, Year};
use crate::store::{Conn, StoreError, Tx, accounts, cases, events, panels};

/// The states of cases that a panel reviewed and whose review the national database does not have.
const LEFT: [&str; 4] = [
    "panel_complete",
    "panel_insufficient",
    "signed_off",
    "reopened",
];

/// Where a case stands when its review is recorded.
const REVIEWED: [State; 2] = [State::PanelComplete, State::PanelInsufficient];

/// A reminder whose time is longer ago than this says nothing new.
const STALE: Duration = Duration::days(31);

/// One clock of one year with everything that is known of it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub row: Year,
    pub definition: Definition,
    pub stands: Stands,
    pub due: Option<NaiveDate>,
    pub late: bool,
    /// Cases reviewed in the year that the national database does not have, where the year waits for them and the reader
    /// may count; with those of years before it that do not wait any more.
    pub left: Option<usize>,
    pub reminded: Vec<Taken>,
}

impl Shown {
    /// Whether it waits for the reviews of its year to be with the national database.
    fn waits(&self) -> bool {
        self.stands == Stands::Running && self.definition.stops_on == Occasion::YearFinalised
    }

    /// Whether a day may be set instead of the counted one: the national database sets one each year for late data.
    pub fn has_cut_off(&self) -> bool {
        self.definition.stops_on == Occasion::YearFinalised
    }
}

/// What a person says of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Data are taken until this day.
    CutOff(Option<NaiveDate>),
    /// It was done, and how or where.
    Done(Option<NaiveDate>, String),
    /// It was recorded as done by mistake.
    NotDone,
}

/// The clocks of the data file that run for each year of the area.
fn of_area(ctx: &Context) -> impl Iterator<Item = &Definition> {
    let all = ctx.house.clocks.all().iter();
    all.filter(|clock| clock.starts_on == Occasion::YearEnd)
}

/// The last day of the year that a day falls into.
fn year_of(day: NaiveDate) -> NaiveDate {
    let ends = |year| NaiveDate::from_ymd_opt(year, 3, 31).unwrap_or(day);
    if day <= ends(day.year()) {
        ends(day.year())
    } else {
        ends(day.year() + 1)
    }
}

/// Begins what is to run now: the year that goes on, and the one before it where there were cases then.
pub fn begin(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<()> {
    let now = year_of(ctx.today());
    let before = year_of(now - Duration::days(370));
    let ends = if cases::opened_by(tx.conn(), before)? {
        vec![before, now]
    } else {
        vec![now]
    };
    tx.unchanged();
    let there = store::all(tx.conn())?;
    for ends_on in ends {
        for definition in of_area(ctx).filter(|d| ctx.house.clocks.counts(d, ends_on)) {
            let is_it = |row: &&Year| row.clock == definition.id && row.ends_on == ends_on;
            let kept =
                serde_json::to_string(definition).map_err(|e| Error::Internal(e.to_string()))?;
            if let Some(row) = there.iter().find(is_it) {
                // It starts on the year's last day: until then a definition that changed is taken over.
                let starts_later = ctx.today() < ends_on && row.said_at.is_none();
                if starts_later && row.definition != kept {
                    let row = Year {
                        definition: kept,
                        ..row.clone()
                    };
                    store::save(tx, &row)?;
                }
                continue;
            }
            let row = Year {
                id: format!("{}-{ends_on}", definition.id.to_lowercase()),
                clock: definition.id.clone(),
                ends_on,
                definition: kept,
                agreed_on: None,
                stopped_on: None,
                said_at: None,
                version: 1,
                words: None,
                said_by: None,
            };
            store::begin(tx, &row)?;
        }
    }
    Ok(())
}

fn definition_of(row: &Year) -> Outcome<Definition> {
    serde_json::from_str(&row.definition)
        .map_err(|_| Error::Internal("a yearly clock’s definition cannot be read".into()))
}

fn standing(ctx: &Context, row: &Year, definition: &Definition) -> Standing {
    let happened = Happened {
        started: Some(Start::Day(row.ends_on)),
        stopped: row.stopped_on.map(Start::Day),
        agreed: row.agreed_on,
        ..Happened::default()
    };
    definition.standing(&happened, ctx.house.clocks.holidays())
}

/// Every year there is, the newest first.
pub fn list(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<Vec<Shown>> {
    ctx.allow(Verb::SeeYears, &Facts::default())?;
    begin(tx, ctx)?;
    let page = Event::PageRead {
        page: "/returns/years".into(),
    };
    record(tx, ctx, None, None, &page)?;
    let rows = store::all(tx.conn())?;
    let mut all = Vec::new();
    for row in rows {
        all.push(shown(tx.conn(), ctx, row)?);
    }
    if may(&ctx.actor, Verb::SeeWorklist, &Facts::default()) {
        let reviewed = waiting(tx.conn(), ctx)?;
        // The newest year stands first. Each review is owed by the first year that waits and had not ended before it.
        let mut after = None;
        for year in all.iter_mut().rev().filter(|one| one.waits()) {
            let ends = year.row.ends_on;
            let owed = |day: &&NaiveDate| **day <= ends && after.is_none_or(|last| **day > last);
            year.left = Some(reviewed.iter().filter(owed).count());
            after = Some(ends);
        }
    }
    Ok(all)
}

/// When each of the cases was reviewed whose review the national database does not have.
fn waiting(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<NaiveDate>> {
    let mut days = Vec::new();
    for id in cases::ids_in(conn, &access::sight(ctx), &LEFT)? {
        let at = match panels::last_reviewed(conn, &id)? {
            Some(at) => at,
            None => recorded(conn, ctx, &id)?,
        };
        days.push(london(at.and_utc()).date());
    }
    Ok(days)
}

/// When it was recorded that a case was reviewed, where no panel of this service did; now where that is not known either.
fn recorded(conn: &mut Conn, ctx: &Context, case_id: &str) -> Outcome<NaiveDateTime> {
    let moves = match events::of_kind(conn, case_id, "case_moved") {
        // A damaged event is a matter of the trail, and holds up nobody here.
        Err(StoreError::Damaged { .. }) => Vec::new(),
        moves => moves?,
    };
    let reviewed = moves.iter().find(|row| {
        let event = serde_json::from_str::<Event>(&row.detail);
        matches!(event, Ok(Event::CaseMoved { to, .. }) if REVIEWED.contains(&to))
    });
    Ok(reviewed.map_or_else(|| ctx.stamp(), |row| row.at))
}

fn shown(conn: &mut Conn, ctx: &Context, row: Year) -> Outcome<Shown> {
    let definition = definition_of(&row)?;
    let standing = standing(ctx, &row, &definition);
    let runs = standing.outcome == Stands::Running;
    Ok(Shown {
        stands: standing.outcome,
        due: standing.due.map(|due| london(due).date()),
        late: runs
            && standing
                .due
                .is_some_and(|due| definition.is_late(due, ctx.now)),
        left: None,
        reminded: store::taken(conn, &row.id)?,
        definition,
        row,
    })
}

/// Keeps what somebody says of a year.
pub fn say(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: Option<i32>,
    said: &Said,
) -> Outcome<()> {
    ctx.allow(Verb::KeepYear, &Facts::default())?;
    tx.hold(&format!("year:{id}"))?;
    let mut row = store::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    if version != Some(row.version) {
        return Err(Error::Stale);
    }
    let definition = definition_of(&row)?;
    match said {
        Said::CutOff(on) => {
            if definition.stops_on != Occasion::YearFinalised {
                return Err(Error::NotFound);
            }
            row.agreed_on = Some(cut_off(&row, *on)?);
        }
        Said::Done(on, words) => {
            if row.stopped_on.is_some() {
                return Err(Error::Rule(
                    "It was recorded already that it is done.".into(),
                ));
            }
            let (on, words) = done(ctx, &definition, *on, words)?;
            row.stopped_on = Some(on);
            row.words = Some(words);
        }
        Said::NotDone => {
            if row.stopped_on.is_none() {
                tx.unchanged();
                return Ok(());
            }
            row.stopped_on = None;
        }
    }
    keep(tx, ctx, row, &definition)
}

fn cut_off(row: &Year, on: Option<NaiveDate>) -> Outcome<NaiveDate> {
    let wrong = |words| Error::Invalid(vec![problem("on", "date", words)]);
    let on = on.ok_or_else(|| wrong("Enter the last day on which data are taken"))?;
    if on < row.ends_on {
        return Err(wrong("The last day must not be before the year ends"));
    }
    if on > row.ends_on + Duration::days(366) {
        return Err(wrong(
            "The last day must be within a year of the year’s end",
        ));
    }
    Ok(on)
}

fn done(
    ctx: &Context,
    definition: &Definition,
    on: Option<NaiveDate>,
    words: &str,
) -> Outcome<(NaiveDate, String)> {
    let day = match on {
        None => Err("Enter the day on which it was done"),
        Some(on) if on > ctx.today() => Err("The day must not be in the future"),
        Some(on) => Ok(on),
    };
    let ask = if definition.stops_on == Occasion::AnnualReportPublished {
        "Say where the report was published"
    } else {
        "Say how it is known that the national database has the year’s data"
    };
    match (day, given_reason(words, ask)) {
        (Ok(on), Ok(words)) => Ok((on, words)),
        (day, words) => {
            let mut found: Vec<_> = day
                .err()
                .map(|text| problem("on", "date", text))
                .into_iter()
                .collect();
            match words {
                Err(Error::Invalid(more)) => found.extend(more),
                Err(other) => return Err(other),
                Ok(_) => {}
            }
            Err(Error::Invalid(found))
        }
    }
}

fn keep(tx: &mut Tx<'_>, ctx: &Context, mut row: Year, definition: &Definition) -> Outcome<()> {
    row.said_at = Some(ctx.stamp());
    row.said_by = Some(ctx.actor.label());
    if !store::save(tx, &row)? {
        return Err(Error::Stale);
    }
    let event = Event::YearNoted {
        clock: row.clock.clone(),
        name: definition.name.clone(),
        year: row.ends_on,
        cut_off: row.agreed_on,
        done: row.stopped_on,
    };
    record(tx, ctx, None, Some(&row.id), &event)
}

/// The national database accepted a package: where it was a year's, that year is with it.
pub(super) fn accepted(
    tx: &mut Tx<'_>,
    ctx: &Context,
    entry: &Entry,
    on: NaiveDate,
) -> Outcome<()> {
    if Kind::of(&entry.kind) != Some(Kind::YearEnd) {
        return Ok(());
    }
    begin(tx, ctx)?;
    for mut row in store::all(tx.conn())? {
        let definition = definition_of(&row)?;
        let whole_year =
            entry.period_from <= begins_on(row.ends_on) && entry.period_to >= row.ends_on;
        // What was sent before the year ended is not yet the year.
        let made = london(entry.created_at.and_utc()).date();
        let whole_year = whole_year && made >= row.ends_on;
        let waits = definition.stops_on == Occasion::YearFinalised && row.stopped_on.is_none();
        if waits && whole_year {
            row.stopped_on = Some(on);
            row.words = Some(format!("The package {} was accepted.", entry.file_name));
            keep(tx, ctx, row, &definition)?;
        }
    }
    Ok(())
}

/// The first day of the year that ends on this one.
fn begins_on(ends_on: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(ends_on.year() - 1, 4, 1).unwrap_or(ends_on)
}

/// Begins what is to run and takes every rung that is reached. Of several that were reached together only the last for
/// each recipient is sent. Says how many letters.
pub fn remind(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<usize> {
    ctx.allow(Verb::ChaseRequest, &Facts::default())?;
    begin(tx, ctx)?;
    let mut letters = 0;
    for row in store::all(tx.conn())? {
        let definition = definition_of(&row)?;
        let standing = standing(ctx, &row, &definition);
        let Some(due) = standing.due.filter(|_| standing.outcome == Stands::Running) else {
            continue;
        };
        let taken = store::taken(tx.conn(), &row.id)?;
        let holidays = ctx.house.clocks.holidays();
        let reached: Vec<(Rung, bool)> = definition
            .remind
            .iter()
            .map(|rung| (*rung, rung.at(definition.unit, due, holidays)))
            .filter(|(rung, at)| *at <= ctx.now && taken.iter().all(|t| t.rung != rung.to_string()))
            .map(|(rung, at)| (rung, at + STALE >= ctx.now))
            .collect();
        for (n, (rung, fresh)) in reached.iter().enumerate() {
            let later = reached
                .iter()
                .skip(n + 1)
                .any(|(next, _)| next.who == rung.who);
            letters += climb(tx, ctx, (&row, &definition), *rung, *fresh && !later)?;
        }
    }
    Ok(letters)
}

fn climb(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (row, definition): (&Year, &Definition),
    rung: Rung,
    send: bool,
) -> Outcome<usize> {
    let taken = Taken {
        year_id: row.id.clone(),
        rung: rung.to_string(),
        state: if send { "sent" } else { "passed" }.into(),
        done_at: ctx.stamp(),
    };
    if !store::take(tx, &taken)? || !send {
        return Ok(0);
    }
    let due = standing(ctx, row, definition).due;
    let day = due.map_or(row.ends_on, |due| london(due).date());
    let near = match due {
        Some(due) if definition.is_late(due, ctx.now) => Near::Past,
        _ if day == ctx.today() => Near::Today,
        _ => Near::Before,
    };
    let to = recipients(tx, ctx, rung.who)?;
    for (n, address) in to.iter().enumerate() {
        letters::year_due(
            tx,
            ctx,
            &letters::OfYear {
                key: format!("year:{}:{rung}:{n}", row.id),
                to: address,
                name: &definition.name,
                ends_on: row.ends_on,
                due: day,
                near,
            },
        )?;
    }
    let event = Event::YearReminded {
        clock: row.clock.clone(),
        name: definition.name.clone(),
        year: row.ends_on,
        rung: rung.to_string(),
        letters: to.len(),
    };
    record(tx, ctx, None, Some(&row.id), &event)?;
    Ok(to.len())
}

/// Whom a rung reminds; the team where nobody of that role is known.
fn recipients(tx: &mut Tx<'_>, ctx: &Context, who: Recipient) -> Outcome<Vec<String>> {
    let role = match who {
        Recipient::Executive => Some(Role::Executive),
        Recipient::DesignatedDoctor => Some(Role::DesignatedDoctor),
        _ => None,
    };
    let mut to = Vec::new();
    if let Some(role) = role {
        let all = accounts::list(tx.conn())?;
        let of_role = all
            .into_iter()
            .filter(|user| user.active && user.role == role.as_str());
        to.extend(of_role.map(|user| user.email));
    }
    if to.is_empty() {
        to.push(ctx.house.area.email.clone());
    }
    Ok(to)
}

/// The dates of the area's years that still run, as their clocks' ids and days, for calendars.
pub(super) fn dates(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<Vec<(String, String, NaiveDate)>> {
    if !may(&ctx.actor, Verb::SeeYears, &Facts::default()) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for row in store::all(tx.conn())? {
        let definition = definition_of(&row)?;
        let standing = standing(ctx, &row, &definition);
        if let Some(due) = standing.due.filter(|_| standing.outcome == Stands::Running) {
            found.push((row.id, definition.name, london(due).date()));
        }
    }
    Ok(found)
}
