//! In the room: the analysis of one item by whoever runs it, what the panel decides, and the chair's signature, which
//! freezes a version. Whoever does not read the case is not shown what names somebody. Must not know how a page looks.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::fill;
use super::interests::{AtItem, at_item, chairs, quorum, running};
use super::listing::{item as reach_item, listed, save, state_of};
use super::questions;
use crate::casework::gather::{self, Correct, given_reason};
use crate::casework::picture::{Picture, stored};
use crate::casework::{
    Context, Error, Outcome, access, closing, learning, merge, naming, processes, record, review,
    triage, typing,
};
use crate::domain::calendar::london;
use crate::domain::case::{Move, State};
use crate::domain::event::Event;
use crate::domain::form::{Answer, Answers, Field, Form, Identifies, Section};
use crate::domain::meeting::Attendance;
use crate::domain::panel::{Decision, ItemState};
use crate::domain::permission::{Verb, may};
use crate::domain::process::held_against;
use crate::store::cases::{self, Case};
use crate::store::events::{self, Search};
use crate::store::meetings::Meeting;
use crate::store::panels::{self as store, Item, Signed};
use crate::store::{Conn, Tx, records};

/// The form that a panel works on.
pub const FORM: &str = "analysis";
/// Sections that are about the meeting or the child's identity, not about the panel's judgement.
const ELSEWHERE: [&str; 2] = ["header", "attendance"];

/// What the room's pages are made of.
pub struct Desk {
    pub row: Meeting,
    pub item: Item,
    pub case: Case,
    pub known: Picture,
    pub people: Vec<AtItem>,
    /// What the family asks.
    pub questions: Vec<String>,
    /// Questions whose answers name somebody, and that this person is not shown.
    pub held_back: BTreeSet<String>,
}

impl Desk {
    /// The sections of the analysis that the panel works on.
    pub fn sections(form: &Form) -> Vec<Section> {
        let own = |section: &&Section| !ELSEWHERE.contains(&section.id.as_str());
        form.sections.iter().filter(own).cloned().collect()
    }

    /// Whether a question is asked in the room.
    pub fn asks(&self, field: &Field) -> bool {
        !direct(field) && !self.held_back.contains(&field.id)
    }
}

fn direct(field: &Field) -> bool {
    let is = |identifies: Identifies| identifies == Identifies::Direct;
    is(field.identifies)
}

/// What the room's pages need, for who runs the item. What is `for_all` in the room names nobody, whoever opens it.
pub fn desk(conn: &mut Conn, ctx: &Context, panel: &str, id: &str, for_all: bool) -> Outcome<Desk> {
    let (row, item, case, facts) = reach_item(conn, ctx, panel, id, Verb::RunPanel)?;
    running(conn, ctx, &row, &item)?;
    let known = Picture::load(conn, ctx, &case.id)?;
    let identified = !for_all && may(&ctx.actor, Verb::ReadCase, &facts);
    let held_back = if identified {
        BTreeSet::new()
    } else {
        held_back(conn, ctx, &case, &known)?
    };
    Ok(Desk {
        people: at_item(conn, ctx, &row, &item)?,
        questions: questions(conn, ctx, &case, identified)?,
        row,
        item,
        case,
        known,
        held_back,
    })
}

/// Questions of the analysis whose answers name somebody, by all that the record knows.
fn held_back(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    known: &Picture,
) -> Outcome<BTreeSet<String>> {
    let agreed = known.forms.get(FORM);
    let dict = agreed.map_or_else(
        || ctx.house.dictionary(),
        |agreed| ctx.house.dictionary_of(&agreed.row.form_version),
    );
    let Some(form) = dict.form(FORM) else {
        return Ok(BTreeSet::new());
    };
    let mut answers = agreed.map_or_else(Answers::default, |agreed| agreed.answers.clone());
    if agreed.is_none() {
        // While nothing is saved the room shows what is known from elsewhere.
        review::prefill(ctx, case, form, known, &mut answers);
    }
    let sections = Desk::sections(form);
    let asked = sections.iter().flat_map(|section| &section.fields);
    let said: Vec<(&String, String)> = asked
        .filter(|field| !direct(field))
        .filter_map(|field| Some((&field.id, written(answers.get(&field.id)?))))
        .collect();
    let texts: Vec<&str> = said.iter().map(|(_, text)| text.as_str()).collect();
    let naming = naming::naming(conn, ctx, case, &texts)?;
    let told = said.iter().zip(naming).filter(|(_, names)| *names);
    Ok(told.map(|((id, _), _)| (*id).clone()).collect())
}

/// What somebody wrote in an answer, the cells of a table each on a line.
fn written(answer: &Answer) -> String {
    match answer {
        Answer::Text(text) => text.clone(),
        Answer::Rows(rows) => {
            let cells = rows.iter().flat_map(std::collections::BTreeMap::values);
            cells.map(written).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// The case of an item, for whoever runs it.
pub fn run_by(conn: &mut Conn, ctx: &Context, (panel, id): (&str, &str)) -> Outcome<Case> {
    let (row, item, case, _) = reach_item(conn, ctx, panel, id, Verb::RunPanel)?;
    running(conn, ctx, &row, &item)?;
    Ok(case)
}

/// Whether a case is not finalised and has not ended.
pub fn goes_on(case: &Case) -> bool {
    case.state.parse::<State>().is_ok_and(State::is_editable)
}

/// The case of an item whose analysis whoever runs it may still change.
pub fn worked_on(conn: &mut Conn, ctx: &Context, (panel, id): (&str, &str)) -> Outcome<Case> {
    let (row, item, case, _) = reach_item(conn, ctx, panel, id, Verb::RunPanel)?;
    running(conn, ctx, &row, &item)?;
    if goes_on(&case) && state_of(&item)? == ItemState::Listed {
        return Ok(case);
    }
    let words =
        "The panel has decided on this case. What stands here is not changed in the room any more.";
    Err(Error::Rule(words.into()))
}

/// Keeps a section of the analysis, typed in the room.
pub fn save_section(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (panel, id): (&str, &str),
    correct: &Correct,
) -> Outcome<()> {
    let case = worked_on(tx.conn(), ctx, (panel, id))?;
    let elsewhere = ELSEWHERE.contains(&correct.section.as_str());
    if correct.form != FORM || elsewhere {
        return Err(Error::NotFound);
    }
    merge::not_merged(tx.conn(), &case)?;
    gather::save_record(tx, ctx, &case, correct)?;
    let place = typing::Place::of_room(ctx, &case.id, &correct.section);
    typing::forget(tx, ctx, &place, None)?;
    triage::refresh(tx, ctx, &case.id)
}

const fn move_of(decision: Decision) -> Move {
    match decision {
        Decision::Complete => Move::RecordComplete,
        Decision::Provisional => Move::RecordProvisional,
        Decision::Insufficient => Move::RecordInsufficient,
    }
}

/// Refuses while the panel is not quorate for an item.
fn enough(conn: &mut Conn, ctx: &Context, row: &Meeting, item: &Item) -> Outcome<()> {
    let people = at_item(conn, ctx, row, item)?;
    if !people.iter().any(was_there) {
        let words = "Record who is there first: the quorum is worked out from it.";
        return Err(Error::Rule(words.into()));
    }
    let stands = quorum(ctx, &people);
    if !stands.is_met() {
        let missing = stands.missing().join("; ").to_lowercase();
        let silent = if people.iter().any(AtItem::is_silent) {
            " Who has declared nothing yet does not count: ask, and record what they say."
        } else {
            ""
        };
        let words = format!(
            "The panel is not quorate for this case, so it can only put it off. Missing: {missing}.{silent}"
        );
        return Err(Error::Rule(words));
    }
    Ok(())
}

/// Records what the panel decided. The case moves.
pub fn decide(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str, i32),
    decision: Decision,
    reason: &str,
) -> Outcome<()> {
    let (row, mut item, case) = listed(tx, ctx, at, Verb::RunPanel)?;
    running(tx.conn(), ctx, &row, &item)?;
    let day = london(row.starts_at.and_utc()).date();
    if day > ctx.today() {
        return Err(Error::Rule("The panel is still to come.".into()));
    }
    enough(tx.conn(), ctx, &row, &item)?;
    let mv = move_of(decision);
    let holds = processes::held(tx.conn(), &case.id)?;
    if held_against(mv, holds).is_some() {
        given_reason(
            reason,
            "Another process holds the panel back. Say why it decides all the same",
        )?;
    } else if decision != Decision::Complete {
        given_reason(reason, "Say why, for whoever reads the case later")?;
    }
    ItemState::Reviewed.as_str().clone_into(&mut item.state);
    save(tx, ctx, &mut item)?;
    let event = Event::PanelDecided {
        item_id: item.id.clone(),
        decision,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)?;
    fill::fill(tx, ctx, &row, &item, &case)?;
    let now = cases::get(tx.conn(), &case.id)?.ok_or(Error::NotFound)?;
    triage::step(tx, ctx, &now, mv, reason)?;
    triage::refresh(tx, ctx, &case.id)
}

/// What came of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    Signed,
    /// Who was there, or who has an interest, was put right since the panel decided. The analysis says so now; nothing was
    /// signed, and it is read first.
    Changed,
}

/// The chair signs the analysis as it was read, at `analysis`: a version that stays as it is. Who comes second is told so, and
/// so is who read what was changed since.
pub fn sign(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (panel, id, version): (&str, &str, i32),
    analysis: i32,
) -> Outcome<Signing> {
    reach_item(tx.conn(), ctx, panel, id, Verb::SignAnalysis)?;
    tx.hold(&format!("meeting:{panel}"))?;
    let (row, mut item, case, _) = reach_item(tx.conn(), ctx, panel, id, Verb::SignAnalysis)?;
    if !chairs(tx.conn(), ctx, &row, &item)? {
        ctx.refuse(Some(&case.id))?;
        return Err(Error::NotFound);
    }
    tx.hold(&gather::analysis_of(&case.id))?;
    if item_is_signed(tx.conn(), ctx, &case, &item.id)? {
        return Err(Error::Rule(SIGNED_ALREADY.into()));
    }
    let standing = |tx: &mut Tx<'_>| -> Outcome<i32> {
        let row = records::get(tx.conn(), &case.id, FORM)?;
        Ok(row.map_or(0, |row| row.version))
    };
    if item.version != version || standing(tx)? != analysis {
        return Err(Error::Stale);
    }
    to_be_signed(tx.conn(), ctx, (&row, &item, &case))?;
    let number = store::signed_of(tx.conn(), &case.id)?
        .last()
        .map_or(1, |last| last.number + 1);
    // Who was there may have been put right since the panel decided; what was sent to the national database stays.
    if case.state.parse().is_ok_and(State::is_editable) {
        fill::fill(tx, ctx, &row, &item, &case)?;
    }
    let signed = frozen(tx.conn(), ctx, &case, &item, number)?;
    if standing(tx)? != analysis {
        return Ok(Signing::Changed);
    }
    store::sign(tx, &signed)?;
    save(tx, ctx, &mut item)?;
    let event = Event::AnalysisSigned {
        item_id: item.id.clone(),
        number: signed.number,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)?;
    Ok(Signing::Signed)
}

pub(super) const SIGNED_ALREADY: &str = "This analysis is signed already.";

/// Refuses a signature where the panel has not decided, a later one did, or the one that did was not quorate by what is
/// known of it now.
fn to_be_signed(
    conn: &mut Conn,
    ctx: &Context,
    (row, item, case): (&Meeting, &Item, &Case),
) -> Outcome<()> {
    if state_of(item)? != ItemState::Reviewed {
        let words = "The panel decides first. Then the analysis is signed.";
        return Err(Error::Rule(words.into()));
    }
    let decided = |state| closing::has_outcome(state) || state == State::PanelProvisional;
    let stands: Option<State> = case.state.parse().ok();
    if !stands.is_some_and(decided) {
        let words = "The case has gone on since this panel decided. The analysis is signed when the review is complete again.";
        return Err(Error::Rule(words.into()));
    }
    let reviewed = ItemState::Reviewed.as_str();
    let last = store::of_case(conn, &case.id)?
        .into_iter()
        .rfind(|one| one.state == reviewed);
    if last.is_some_and(|last| last.id != item.id) {
        let words = "A later panel reviewed this case. Its chair signs the analysis.";
        return Err(Error::Rule(words.into()));
    }
    let people = at_item(conn, ctx, row, item)?;
    let stands = quorum(ctx, &people);
    if !people.iter().any(was_there) || !stands.is_met() {
        let missing = stands.missing().join("; ").to_lowercase();
        let words = format!(
            "By the attendance and the interests that are recorded now, the panel was not quorate for this case, so its analysis is not signed. Missing: {missing}. Have the coordinator put right what is recorded, or reopen the case for another panel."
        );
        return Err(Error::Rule(words));
    }
    Ok(())
}

fn was_there(person: &AtItem) -> bool {
    person.person.attendance == Attendance::Attended.as_str()
}

/// The analysis as it stands, to be signed.
fn frozen(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    item: &Item,
    number: i32,
) -> Outcome<Signed> {
    let known = Picture::load(conn, ctx, &case.id)?;
    let agreed = known.forms.get(FORM);
    let judged = |field: &str| agreed.is_some_and(|a| a.answers.is_answered(field));
    let Some(agreed) = agreed.filter(|_| judged("categories_all") && judged("modifiable")) else {
        let words = "The analysis has no category or says nothing on what could have been otherwise. It cannot be signed yet.";
        return Err(Error::Rule(words.into()));
    };
    Ok(Signed {
        id: ctx.new_id(),
        case_id: case.id.clone(),
        item_id: Some(item.id.clone()),
        number,
        form_version: agreed.row.form_version.clone(),
        signed_at: ctx.stamp(),
        answers: agreed.answers.to_json().to_string(),
        signed_by: ctx.actor.label(),
    })
}

/// Puts themes on the case, in the room.
pub fn set_themes(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (panel, id, _): (&str, &str, i32),
    chosen: &[String],
) -> Outcome<()> {
    let (row, item, case, _) = reach_item(tx.conn(), ctx, panel, id, Verb::RunPanel)?;
    running(tx.conn(), ctx, &row, &item)?;
    learning::put_themes(tx, ctx, &case, chosen)
}

/// When the review came to its end the last time, complete or with too little information.
fn ended(conn: &mut Conn, case: &Case) -> Outcome<Option<NaiveDateTime>> {
    let wanted = Search {
        case_id: Some(case.id.clone()),
        names: Some(vec!["case_moved"]),
        ..Search::default()
    };
    let rows = events::search(conn, &wanted, 500)?;
    let ends = |detail: &str| {
        let event = serde_json::from_str::<Event>(detail);
        matches!(
            event,
            Ok(Event::CaseMoved {
                to: State::PanelComplete | State::PanelInsufficient,
                ..
            })
        )
    };
    Ok(rows.iter().find(|row| ends(&row.detail)).map(|row| row.at))
}

/// Whether an answer is the form's own word that it is final: finalising and reopening write it, and nobody judges by it.
pub fn is_mark(field: &str) -> bool {
    field == "finalised"
}

/// Whether the signature on an item stands: the chair gave it for these answers, after the case was reopened the last time
/// and after its review came to its end. What was signed while the review was provisional is a version of its own.
pub fn item_is_signed(conn: &mut Conn, ctx: &Context, case: &Case, item_id: &str) -> Outcome<bool> {
    let all = store::signed_of(conn, &case.id)?;
    let last = all
        .iter()
        .rfind(|signed| signed.item_id.as_deref() == Some(item_id));
    let Some(last) = last else {
        return Ok(false);
    };
    let reopened = events::last_of_case(conn, &case.id, "case_reopened")?;
    let ended = ended(conn, case)?;
    if reopened.is_some_and(|at| at >= last.signed_at)
        || ended.is_some_and(|at| at > last.signed_at)
    {
        return Ok(false);
    }
    let said = |version: &str, json: &str| {
        let mut answers = stored(ctx.house.dictionary_of(version), FORM, json);
        answers.0.retain(|field, _| !is_mark(field));
        answers
    };
    let now = records::get(conn, &case.id, FORM)?;
    Ok(now.is_some_and(|row| {
        said(&row.form_version, &row.answers) == said(&last.form_version, &last.answers)
    }))
}

/// Whether the analysis stands as a chair signed it: nobody changes it then but by reopening the case. What was decided
/// provisionally is gone on with.
pub fn is_signed(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<bool> {
    let decided = matches!(
        case.state.parse(),
        Ok(State::PanelComplete | State::PanelInsufficient)
    );
    Ok(decided && stands_signed(conn, ctx, case)?)
}

/// Whether the panel that decided last signed what the review ended with, as it stands now.
pub fn stands_signed(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<bool> {
    let items = store::of_case(conn, &case.id)?;
    let reviewed = items
        .iter()
        .rfind(|item| item.state == ItemState::Reviewed.as_str());
    match reviewed {
        Some(item) => item_is_signed(conn, ctx, case, &item.id),
        None => Ok(false),
    }
}

/// A version that was signed, with the answers as they are now.
pub struct Version {
    pub signed: Signed,
    pub then: Answers,
    pub now: Answers,
}

/// The versions of a case that were signed, the first first, for who reads the analysis.
pub fn versions(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Version>> {
    access::stand(conn, ctx, case, Verb::EditAnalysis)?;
    let known = Picture::load(conn, ctx, &case.id)?;
    let now = known.answers(FORM).cloned().unwrap_or_default();
    let all = store::signed_of(conn, &case.id)?.into_iter();
    Ok(all
        .map(|signed| {
            let dict = ctx.house.dictionary_of(&signed.form_version);
            Version {
                then: stored(dict, FORM, &signed.answers),
                now: now.clone(),
                signed,
            }
        })
        .collect())
}
