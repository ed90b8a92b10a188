//! Meetings about a case: arranging one, moving it, cancelling it, and the lists of them. A panel is moved, cancelled and
//! recorded here too; arranging one is `panels`. Whoever was invited is told in the same transaction. Must not know how a
//! page asks, nor what the minutes say (`record` does).

pub mod papers;
mod people;
mod readiness;
mod record;

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};

use super::letters::News;
use super::people::problem;
use super::{
    Context, Error, Outcome, access, clocks, family, letters, naming, panels, record as note,
    triage,
};
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::case::{Move, State as CaseState};
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::meeting::{LONGEST, Purpose, SHORTEST, State};
use crate::domain::permission::{Facts, Scope, Verb, may, scope};
use crate::store::cases::{self, Case};
use crate::store::meetings::{self as store, Meeting};
use crate::store::{Conn, Tx, events, panels as panel_rows, restrictions};

pub(super) use people::told;
pub use people::{Person, beside_the_care, put_down, reply, send, take_off};
pub use readiness::{Need, readiness};
pub use record::{Said, held_back, hold, save_minutes, sign, stored_minutes};

/// What a person says of a meeting. `problems` are what a page could not read of it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub day: Option<NaiveDate>,
    pub time: Option<NaiveTime>,
    pub minutes_long: i32,
    pub place: String,
    /// For a panel alone: what its cases have in common.
    pub theme: String,
    pub problems: Vec<Problem>,
}

/// The words for a place are mailed; longer ones are no place.
const LONGEST_PLACE: usize = 300;
const LONGEST_THEME: usize = 100;
/// More events than any case has.
const MOST_EVENTS: i64 = 10_000;

pub fn purpose_of(row: &Meeting) -> Outcome<Purpose> {
    row.purpose
        .parse()
        .map_err(|_| Error::Internal("an unknown purpose of a meeting is stored".into()))
}

pub fn state_of(row: &Meeting) -> Outcome<State> {
    row.state
        .parse()
        .map_err(|_| Error::Internal("an unknown state of a meeting is stored".into()))
}

/// A meeting about a case, for a verb.
pub fn reach(
    conn: &mut Conn,
    ctx: &Context,
    id: &str,
    verb: Verb,
) -> Outcome<(Meeting, Case, Facts)> {
    let row = store::get(conn, id)?;
    let case_id = row.as_ref().and_then(|row| row.case_id.clone());
    let case = match &case_id {
        Some(id) => cases::get(conn, id)?,
        None => None,
    };
    // What is not there is asked for like what is, so that the two look the same.
    let reference = case.map(|case| case.reference).unwrap_or_default();
    let (case, facts) = access::reach(conn, ctx, &reference, verb)?;
    Ok((row.ok_or(Error::NotFound)?, case, facts))
}

/// A meeting to be kept, with the case that it is about. A panel is about no single case, and is there only for those
/// who keep panels.
pub fn reach_to_keep(
    conn: &mut Conn,
    ctx: &Context,
    id: &str,
) -> Outcome<(Meeting, Option<(Case, Facts)>)> {
    let row = store::get(conn, id)?;
    let panel = row.is_some_and(|row| row.purpose == Purpose::Panel.as_str());
    if panel && may(&ctx.actor, Verb::KeepPanel, &Facts::default()) {
        return Ok((panels::reach(conn, ctx, id, Verb::KeepPanel)?, None));
    }
    let (row, case, facts) = reach(conn, ctx, id, Verb::KeepMeeting)?;
    Ok((row, Some((case, facts))))
}

/// The same to change it: at the version that was read, and while it is still to come.
pub(super) fn kept(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
) -> Outcome<(Meeting, Option<Case>, Purpose)> {
    let (_, about) = reach_to_keep(tx.conn(), ctx, id)?;
    let case = about.map(|(case, _)| case);
    tx.hold(&format!("meeting:{id}"))?;
    let row = store::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    let purpose = purpose_of(&row)?;
    if row.version != version {
        return Err(Error::Stale);
    }
    Ok((row, case, purpose))
}

/// A case that is finalised or ended is not met about any more.
pub(super) fn goes_on(case: &Case) -> Outcome<()> {
    if case
        .state
        .parse::<CaseState>()
        .is_ok_and(CaseState::is_editable)
    {
        Ok(())
    } else {
        let words = "This case is finalised or has ended. Reopen it before a meeting about it is arranged or recorded.";
        Err(Error::Rule(words.into()))
    }
}

/// The same for a meeting that may be about no one case.
pub(super) fn about_goes_on(case: Option<&Case>) -> Outcome<()> {
    case.map_or(Ok(()), goes_on)
}

pub(super) fn planned(row: &Meeting) -> Outcome<()> {
    match state_of(row)? {
        State::Planned => Ok(()),
        State::Held => Err(Error::Rule("This meeting was held.".into())),
        State::Cancelled => Err(Error::Rule("This meeting was cancelled.".into())),
    }
}

pub(super) fn save(tx: &mut Tx<'_>, ctx: &Context, row: &mut Meeting) -> Outcome<()> {
    row.updated_at = ctx.stamp();
    if store::save(tx, row)? {
        row.version += 1;
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// The meetings about a case.
pub fn of_case(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Meeting>> {
    access::stand(conn, ctx, case, Verb::ReadCase)?;
    Ok(store::of_case(conn, &case.id)?)
}

/// Meetings about cases within sight, from thirty days ago on, each with its case's reference.
pub fn coming(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<(Meeting, String)>> {
    ctx.allow(Verb::SeeMeetings, &Facts::default())?;
    if scope(&ctx.actor) == Scope::Listed {
        // Members of a panel read packs, never a case.
        return Ok(Vec::new());
    }
    let from = ctx.stamp() - Duration::days(30);
    let rows = store::of_cases_since(conn, from, &access::sight(ctx), 500)?;
    let event = Event::WorklistRead {
        view: "meetings".to_owned(),
        filters: Vec::new(),
        rows: rows.len(),
    };
    ctx.note(None, None, &event)?;
    Ok(rows)
}

/// Arranges a meeting. Gives its id.
pub fn plan(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    purpose: Purpose,
    given: &Given,
) -> Outcome<String> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::KeepMeeting)?;
    if purpose == Purpose::Panel {
        return Err(Error::NotFound);
    }
    goes_on(&case)?;
    let starts_at = judge(tx.conn(), ctx, &About::Case(&case), given)?;
    let row = Meeting {
        case_id: Some(case.id.clone()),
        ..new_row(ctx, purpose, starts_at, given)
    };
    store::insert(tx, &row)?;
    let event = Event::MeetingPlanned {
        meeting_id: row.id.clone(),
        purpose,
        on: london(starts_at.and_utc()).date(),
    };
    note(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    if purpose == Purpose::Review {
        family::carry_to_meeting(tx, ctx, &case)?;
        move_if(
            tx,
            ctx,
            &case,
            Move::ScheduleCdrm,
            "A review meeting was arranged.",
        )?;
    }
    triage::refresh(tx, ctx, &case.id)?;
    Ok(row.id)
}

/// A meeting that is still to come, about nothing yet.
pub(super) fn new_row(
    ctx: &Context,
    purpose: Purpose,
    starts_at: NaiveDateTime,
    given: &Given,
) -> Meeting {
    Meeting {
        id: ctx.new_id(),
        purpose: purpose.as_str().to_owned(),
        case_id: None,
        state: State::Planned.as_str().to_owned(),
        starts_at,
        minutes_long: given.minutes_long,
        sequence: 0,
        signed_at: None,
        created_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        version: 1,
        theme: theme(purpose, given),
        place: given.place.trim().to_owned(),
        minutes: None,
        signed_by: None,
        reason: None,
    }
}

fn theme(purpose: Purpose, given: &Given) -> Option<String> {
    let theme = given.theme.trim();
    (purpose == Purpose::Panel && !theme.is_empty()).then(|| theme.to_owned())
}

/// Makes a move of the case where it can be made from here.
fn move_if(tx: &mut Tx<'_>, ctx: &Context, case: &Case, mv: Move, why: &str) -> Outcome<()> {
    let case = cases::get(tx.conn(), &case.id)?.ok_or(Error::NotFound)?;
    let state = case.state.parse::<CaseState>().ok();
    let target = match mv {
        Move::ScheduleCdrm => CaseState::CdrmScheduled,
        _ => CaseState::CdrmHeld,
    };
    if state.is_some_and(|state| state != target && state.moves().contains(&mv)) {
        triage::step(tx, ctx, &case, mv, why)?;
    }
    Ok(())
}

/// What a meeting is about.
pub(super) enum About<'a> {
    Case(&'a Case),
    /// The cases on the list of a panel.
    Panel(Vec<Case>),
}

impl About<'_> {
    fn cases(&self) -> &[Case] {
        match self {
            Self::Case(case) => std::slice::from_ref(case),
            Self::Panel(cases) => cases,
        }
    }

    /// Whether a place, which is mailed and goes into calendars, could tell whose death this is about. Where a panel
    /// meets is chosen for all of its cases: a word of it that is also somebody's name tells of nobody there.
    fn place_tells(&self, conn: &mut Conn, ctx: &Context, place: &str) -> Outcome<bool> {
        for case in self.cases() {
            let named = matches!(self, Self::Case(_)) && names(case, place);
            if named || naming::place_gives_away_family(conn, ctx, case, place)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn about<'a>(conn: &mut Conn, row: &Meeting, case: Option<&'a Case>) -> Outcome<About<'a>> {
    if let Some(case) = case {
        return Ok(About::Case(case));
    }
    let mut all = Vec::new();
    for item in panel_rows::of_meeting(conn, &row.id)? {
        all.extend(cases::get(conn, &item.case_id)?);
    }
    Ok(About::Panel(all))
}

/// When it begins, if what was given holds for a meeting about this.
pub(super) fn judge(
    conn: &mut Conn,
    ctx: &Context,
    about: &About<'_>,
    given: &Given,
) -> Outcome<NaiveDateTime> {
    let place = given.place.trim();
    let tells = about.place_tells(conn, ctx, place)?;
    let mut found = given.problems.clone();
    let mut wrong = |field: &str, rule: &str, words: &str| {
        if found.iter().all(|p| p.field != field) {
            found.push(problem(field, rule, words));
        }
    };
    if given.day.is_none() {
        wrong("day", "required", "Enter the day of the meeting");
    }
    if given.time.is_none() {
        wrong("time", "required", "Enter when it begins, such as 14:30");
    }
    if !(SHORTEST..=LONGEST).contains(&given.minutes_long) {
        wrong(
            "minutes_long",
            "range",
            "Enter how many minutes it lasts, from 5 to 480",
        );
    }
    if place.is_empty() {
        wrong("place", "required", "Enter a room or a link");
    } else if place.chars().count() > LONGEST_PLACE || place.contains(['\n', '\r']) {
        wrong(
            "place",
            "length",
            "The place must be one line of 300 characters or fewer",
        );
    } else if tells {
        // The same words whatever it holds: of a panel's cases some may not be for whoever asks.
        wrong(
            "place",
            "identity",
            "The place is mailed: it must not hold a name, a number or an address of the child or the family",
        );
    }
    if given.theme.trim().chars().count() > LONGEST_THEME {
        let words = "The theme must have 100 characters or fewer";
        wrong("theme", "length", words);
    }
    let starts = given
        .day
        .zip(given.time)
        .map(|(day, time)| day.and_time(time));
    let died = about.cases().iter().map(|case| case.date_of_death).max();
    if let (Some(starts), Some(died)) = (starts, died)
        && starts.date() < died
    {
        wrong("day", "before", "The meeting cannot be before the death");
    }
    if starts.is_some_and(|at| at.date() > ctx.today() + Duration::days(730)) {
        wrong("day", "far", "The meeting must be within two years");
    }
    match starts {
        Some(starts) if found.is_empty() => Ok(utc_of_london(starts).naive_utc()),
        _ => Err(Error::Invalid(found)),
    }
}

/// Whether a text that leaves the service holds a part of the child's name.
pub(super) fn names(case: &Case, text: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let split = text.split(|c: char| !c.is_alphanumeric());
        split
            .filter(|w| w.chars().count() > 2)
            .map(str::to_lowercase)
            .collect()
    };
    let known = words(&case.display_name);
    words(text).iter().any(|word| known.contains(word))
}

/// Changes time or place. Whoever was invited is told, with the same event in their calendars. Of a meeting that was
/// held it puts right when and where that was, and nobody is told.
pub fn change(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    given: &Given,
) -> Outcome<()> {
    let (before, case, purpose) = kept(tx, ctx, id, version)?;
    if let (Some(case), State::Held) = (&case, state_of(&before)?) {
        return record::correct(tx, ctx, case, before, purpose, given);
    }
    planned(&before)?;
    about_goes_on(case.as_ref())?;
    let of = about(tx.conn(), &before, case.as_ref())?;
    let starts_at = judge(tx.conn(), ctx, &of, given)?;
    let mut row = Meeting {
        starts_at,
        minutes_long: given.minutes_long,
        place: given.place.trim().to_owned(),
        theme: theme(purpose, given),
        ..before.clone()
    };
    let same = |row: &Meeting| (row.starts_at, row.minutes_long, row.place.clone());
    if same(&row) == same(&before) && row.theme == before.theme {
        tx.unchanged();
        return Ok(());
    }
    row.sequence += 1;
    save(tx, ctx, &mut row)?;
    let event = Event::MeetingMoved {
        meeting_id: row.id.clone(),
        purpose,
        on: london(starts_at.and_utc()).date(),
    };
    note(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)?;
    people::tell_again(tx, ctx, case.as_ref(), &row, purpose, News::Changed)?;
    refresh(tx, ctx, &row)
}

/// Calls a meeting off. Whoever was invited is told.
pub fn cancel(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32, reason: &str) -> Outcome<()> {
    let (mut row, case, purpose) = kept(tx, ctx, id, version)?;
    planned(&row)?;
    let reason = super::gather::given_reason(reason, "Say why it does not take place")?;
    State::Cancelled.as_str().clone_into(&mut row.state);
    row.reason = Some(reason.clone());
    row.sequence += 1;
    save(tx, ctx, &mut row)?;
    let next = next_of(tx, &row)?;
    let event = Event::MeetingCancelled {
        meeting_id: row.id.clone(),
        purpose,
        reason,
        next: next.as_ref().map(|next| day_of(next.starts_at)),
        next_id: next.as_ref().map(|next| next.id.clone()),
        next_invited: match &next {
            Some(next) => invited_on(tx, next)?,
            None => None,
        },
    };
    note(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)?;
    if let (Some(case), Purpose::Review, None) = (&case, purpose, &next) {
        unscheduled(tx, ctx, case)?;
    }
    people::tell_again(tx, ctx, case.as_ref(), &row, purpose, News::Cancelled)?;
    if purpose == Purpose::Panel {
        panels::called_off(tx, ctx, &row, "The panel does not take place.")?;
    }
    refresh(tx, ctx, &row)
}

/// Brings the row of the case that it is about in step; of a panel those of every case on its list.
pub(super) fn refresh(tx: &mut Tx<'_>, ctx: &Context, row: &Meeting) -> Outcome<()> {
    if let Some(case_id) = &row.case_id {
        return triage::refresh(tx, ctx, case_id);
    }
    for case_id in clocks::panel_changed(tx, ctx, &row.id)? {
        triage::refresh(tx, ctx, &case_id)?;
    }
    Ok(())
}

fn day_of(starts_at: NaiveDateTime) -> NaiveDate {
    london(starts_at.and_utc()).date()
}

/// Another meeting of the same purpose that is arranged.
fn next_of(tx: &mut Tx<'_>, row: &Meeting) -> Outcome<Option<Meeting>> {
    let Some(case_id) = &row.case_id else {
        return Ok(None);
    };
    let all = store::of_case(tx.conn(), case_id)?;
    Ok(all.into_iter().find(|other| {
        other.id != row.id && other.purpose == row.purpose && other.state == State::Planned.as_str()
    }))
}

/// What happened to a case, the newest first, with its day.
fn past(tx: &mut Tx<'_>, case_id: &str) -> Outcome<Vec<(Event, NaiveDate)>> {
    let rows = events::of_case(tx.conn(), case_id, &[], MOST_EVENTS)?;
    let read = rows.iter().filter_map(|row| {
        let event = serde_json::from_str(&row.detail).ok()?;
        Some((event, day_of(row.at)))
    });
    Ok(read.collect())
}

/// The day on which the first invitations to a meeting about a case went out.
fn invited_on(tx: &mut Tx<'_>, row: &Meeting) -> Outcome<Option<NaiveDate>> {
    let Some(case_id) = &row.case_id else {
        return Ok(None);
    };
    let past = past(tx, case_id)?;
    let first = past.into_iter().rev().find(|(event, _)| {
        matches!(event, Event::MeetingInvited { meeting_id, .. } if *meeting_id == row.id)
    });
    Ok(first.map(|(_, day)| day))
}

/// No review meeting is arranged any more: the case stands where it stood before one was.
fn unscheduled(tx: &mut Tx<'_>, ctx: &Context, case: &Case) -> Outcome<()> {
    let case = cases::get(tx.conn(), &case.id)?.ok_or(Error::NotFound)?;
    if case.state != CaseState::CdrmScheduled.as_str() {
        return Ok(());
    }
    let from = past(tx, &case.id)?
        .into_iter()
        .find_map(|(event, _)| match event {
            Event::CaseMoved {
                mv: Move::ScheduleCdrm,
                from,
                ..
            } if from != CaseState::CdrmScheduled => Some(from),
            _ => None,
        });
    let mv = match from {
        Some(CaseState::AwaitingExternal) => Move::AwaitExternal,
        _ => Move::ResumeGathering,
    };
    triage::step(tx, ctx, &case, mv, "The review meeting was cancelled.").map(drop)
}

/// Tells one person; the case's reference goes along unless the case is restricted.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: Option<&Case>,
    told: letters::Told<'_>,
) -> Outcome<()> {
    let mut reference = None;
    if let Some(case) = case
        && !restrictions::is_restricted(tx.conn(), &case.id)?
    {
        reference = Some(case.reference.as_str());
    }
    let told = letters::Told { reference, ..told };
    letters::meeting(tx, ctx, &told)
}
