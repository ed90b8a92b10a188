//! The family's part of a case: keeping a line of it, reading it through the mask, and what of it is counted. Must not
//! know what is asked on a line, nor how a page asks.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::people::problem;
use super::picture::Picture;
use super::{Context, Error, Outcome, access, clocks, jar, notify, record, triage};
use crate::domain::age::Age;
use crate::domain::event::{Event, differing};
use crate::domain::family::{
    Around, Asked, Counted, LEAFLET_OFFERED, Part, Safe, Said, fields, is_over, is_quiet, masked,
    problems, state_of,
};
use crate::domain::form::{Answer, Answers, Clearance, Problem};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::cases::Case;
use crate::store::family::{self as store, Line};
use crate::store::{Conn, Tx, merges};

/// A row of a table of the record.
type Row = BTreeMap<String, Answer>;

/// One line with what was said on it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: String,
    pub part: Part,
    pub state: String,
    pub said: Said,
    pub saved_by: String,
    pub version: i32,
}

fn entry(row: Line) -> Outcome<Entry> {
    let unreadable = || Error::Internal("a line of a family cannot be read".into());
    Ok(Entry {
        part: row.part.parse().map_err(|_| unreadable())?,
        said: serde_json::from_str(&row.body).map_err(|_| unreadable())?,
        id: row.id,
        state: row.state,
        saved_by: row.saved_by,
        version: row.version,
    })
}

/// How much of a family this actor may see.
fn clearance(ctx: &Context, facts: Facts) -> Clearance {
    let known = [Verb::KeepFamily, Verb::ReadCase];
    if known.iter().any(|verb| may(&ctx.actor, *verb, &facts)) {
        Clearance::Identified
    } else {
        Clearance::Pseudonymised
    }
}

/// Everything of a case, as this reader may see it.
pub fn of_case(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Entry>> {
    let facts = access::stand(conn, ctx, case, Verb::ReadFamily)?;
    let clearance = clearance(ctx, facts);
    store::of_case(conn, &case.id)?
        .into_iter()
        .map(|row| {
            let entry = entry(row)?;
            let said = masked(entry.part, entry.said, clearance);
            Ok(Entry { said, ..entry })
        })
        .collect()
}

/// The names of the other children of whom the record tells, by where it does: as affected, as brothers and sisters in the
/// household, and as the agencies' siblings. Empty where a row gives none. Who is grown up or has died is none of them.
pub fn children_named(known: &Picture) -> Vec<Vec<String>> {
    let empty = Answers::default();
    let notified = known.answers(notify::FORM).unwrap_or(&empty);
    let told = known.answers("reporting").unwrap_or(&empty);
    let died = notified.date("date_of_death");
    let is = |row: &Row, column: &str, codes: &[&str]| matches!(row.get(column), Some(Answer::Choice(code)) if codes.contains(&code.as_str()));
    let a_child = |row: &Row| {
        let years = match (row.get("date_of_birth"), row.get("age_if_dob_unknown")) {
            (Some(Answer::Date(born)), _) => died
                .and_then(|died| Age::at(*born, died))
                .map(|age| age.years),
            (_, Some(Answer::Integer(years))) => Some(*years),
            _ => None,
        };
        years.is_none_or(|years| years < 18) && !is(row, "deceased", &["yes"])
    };
    let sibling = |row: &Row| is(row, "relationship", &["sibling", "half_step_sibling"]);
    let name = |row: &Row| match row.get("name") {
        Some(Answer::Text(name)) => name.trim().to_owned(),
        _ => String::new(),
    };
    let household = notified.rows("household_members").iter();
    vec![
        notified
            .rows("other_children_affected")
            .iter()
            .map(name)
            .collect(),
        household
            .filter(|row| sibling(row) && a_child(row))
            .map(name)
            .collect(),
        told.rows("siblings")
            .iter()
            .filter(|row| a_child(row))
            .map(name)
            .collect(),
    ]
}

/// Whom a form of the record names as the family's key worker.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Named {
    pub name: String,
    /// Where, in words.
    pub form: &'static str,
}

/// The key worker of whom the decisions of the first hours, or the notification, speak.
pub fn key_worker_named(known: &Picture) -> Option<Named> {
    [
        (
            "first_hours",
            "support_key_worker",
            "Decisions of the first hours",
        ),
        (notify::FORM, "family_key_worker_name", "The notification"),
    ]
    .into_iter()
    .find_map(
        |(code, field, form)| match known.answers(code)?.get(field)? {
            Answer::Text(name) => Some(Named {
                name: name.clone(),
                form,
            }),
            _ => None,
        },
    )
}

/// The names of the siblings and others affected who are recorded on these cases.
pub(super) fn others(conn: &mut Conn, together: &[String]) -> Outcome<Vec<String>> {
    let mut all = Vec::new();
    for id in together {
        for row in store::of_case(conn, id)? {
            let entry = entry(row)?;
            if entry.part == Part::Others {
                all.extend(entry.said.get("name").cloned());
            }
        }
    }
    Ok(all)
}

/// What is counted of a case's family, with what was recorded on cases that are read under it.
pub(super) fn counted(conn: &mut Conn, case_id: &str) -> Outcome<Counted> {
    let mut rows = Vec::new();
    for id in merges::together(conn, case_id)? {
        rows.extend(store::standing(conn, &id)?);
    }
    let lines = rows
        .iter()
        .map(|(part, state)| (part.as_str(), state.as_str()));
    Ok(Counted::of(lines))
}

/// How many questions of the family are open: with one of these a case is not closed.
pub fn open_questions(conn: &mut Conn, case: &Case) -> Outcome<usize> {
    Ok(counted(conn, &case.id)?.open_questions())
}

/// The lines of a case and of the cases that are read under it.
fn lines(conn: &mut Conn, case: &Case) -> Outcome<Vec<Line>> {
    let mut all = Vec::new();
    for id in merges::together(conn, &case.id)? {
        all.extend(store::of_case(conn, &id)?);
    }
    Ok(all)
}

/// Carries every question that was asked and goes nowhere yet to the review meeting that was arranged.
pub(super) fn carry_to_meeting(tx: &mut Tx<'_>, ctx: &Context, case: &Case) -> Outcome<()> {
    carry(tx, ctx, case, Asked::Meeting, &[Asked::Asked])
}

/// Carries every question that has no answer yet to the panel for which the case was listed.
pub(super) fn carry_to_panel(tx: &mut Tx<'_>, ctx: &Context, case: &Case) -> Outcome<()> {
    carry(tx, ctx, case, Asked::Panel, &[Asked::Asked, Asked::Meeting])
}

fn carry(tx: &mut Tx<'_>, ctx: &Context, case: &Case, to: Asked, from: &[Asked]) -> Outcome<()> {
    for id in merges::together(tx.conn(), &case.id)? {
        tx.hold(&format!("family:{id}"))?;
    }
    for row in lines(tx.conn(), case)? {
        let carried = from.iter().any(|state| row.state == state.as_str());
        if row.part != Part::Questions.as_str() || !carried {
            continue;
        }
        let mut said = entry(row.clone())?.said;
        said.insert("state".to_owned(), to.as_str().to_owned());
        let next = Line {
            state: to.as_str().to_owned(),
            body: serde_json::to_string(&said).map_err(|e| Error::Internal(e.to_string()))?,
            updated_at: ctx.stamp(),
            ..row
        };
        if !store::save(tx, &next)? {
            return Err(Error::Stale);
        }
        let event = Event::QuestionMoved {
            row_id: next.id.clone(),
            to,
        };
        record(tx, ctx, Some(&next.case_id), Some(&next.id), &event)?;
    }
    Ok(())
}

/// The words of the family's questions that are not settled. The caller has asked for permission.
pub(super) fn open_words(conn: &mut Conn, case: &Case) -> Outcome<Vec<String>> {
    asked(conn, case, |state| !state.is_settled())
}

/// The words of all of the family's questions, settled or not. The caller has asked for permission.
pub(super) fn words(conn: &mut Conn, case: &Case) -> Outcome<Vec<String>> {
    asked(conn, case, |_| true)
}

fn asked(conn: &mut Conn, case: &Case, wanted: impl Fn(Asked) -> bool) -> Outcome<Vec<String>> {
    let mut all = Vec::new();
    for row in lines(conn, case)? {
        let wanted = row.state.parse::<Asked>().is_ok_and(&wanted);
        if row.part == Part::Questions.as_str() && wanted {
            all.extend(entry(row)?.said.remove("words"));
        }
    }
    Ok(all)
}

/// What was typed for one line. `problems` are what a page could not read of it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// None for a new line.
    pub id: Option<String>,
    pub version: i32,
    pub said: Said,
    /// The day of a contact of which it was said that somebody is not to be called on it.
    pub warned: Option<NaiveDate>,
    pub problems: Vec<Problem>,
}

/// Keeps one line: a new one, or one that is at the version that was read.
pub fn save(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    part: Part,
    given: Given,
) -> Outcome<()> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::KeepFamily)?;
    tx.hold(&format!("family:{}", case.id))?;
    let rows = store::of_case(tx.conn(), &case.id)?;
    let before = match &given.id {
        Some(id) => Some(kept(&rows, part, id, given.version)?),
        None => None,
    };
    let said = tidy(part, given.said);
    let mut unread = given.problems;
    if part == Part::Contacts {
        unread.extend(on_quiet_day(&rows, &said, given.warned)?);
    }
    judge(ctx, &rows, part, &said, before.as_ref(), unread)?;
    let state = state_of(part, &said);
    let row = Line {
        id: before
            .as_ref()
            .map_or_else(|| ctx.new_id(), |row| row.id.clone()),
        case_id: case.id.clone(),
        part: part.as_str().to_owned(),
        state: state.to_owned(),
        created_at: before
            .as_ref()
            .map_or_else(|| ctx.stamp(), |row| row.created_at),
        updated_at: ctx.stamp(),
        version: before.as_ref().map_or(1, |row| row.version),
        body: serde_json::to_string(&said).map_err(|e| Error::Internal(e.to_string()))?,
        saved_by: ctx.actor.label(),
    };
    match &before {
        None => store::insert(tx, &row)?,
        Some(_) if store::save(tx, &row)? => {}
        Some(_) => return Err(Error::Stale),
    }
    let was = before.map(entry).transpose()?;
    for event in events(part, &row, &said, was.as_ref()) {
        record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    }
    clocks::family_says(tx, ctx, &case.id)?;
    jar::family_says(tx, ctx, &case)?;
    triage::refresh(tx, ctx, &case.id)
}

/// A contact on a day on which somebody is not to be called is logged once it was said.
fn on_quiet_day(rows: &[Line], said: &Said, warned: Option<NaiveDate>) -> Outcome<Option<Problem>> {
    let day = said.get("day").and_then(|day| day.parse().ok());
    let Some(day) = day.filter(|day| warned != Some(*day)) else {
        return Ok(None);
    };
    let entries = rows
        .iter()
        .cloned()
        .map(entry)
        .collect::<Outcome<Vec<_>>>()?;
    let with = said.get("who");
    let names = quiet_on(
        entries.iter().filter(|e| with.is_none_or(|id| *id == e.id)),
        day,
    );
    Ok((!names.is_empty()).then(|| {
        let words = format!(
            "{} asked not to be called on this day. Save it again to log it as it was",
            names.join(" and ")
        );
        problem("day", "quiet", &words)
    }))
}

/// The parents and carers who are not to be called on a day, by name.
pub fn quiet_on<'a>(entries: impl IntoIterator<Item = &'a Entry>, day: NaiveDate) -> Vec<String> {
    entries
        .into_iter()
        .filter(|e| e.part == Part::People && is_quiet(&e.said, day))
        .map(|e| {
            let name = e.said.get("name").cloned();
            name.unwrap_or_else(|| e.part.label().to_owned())
        })
        .collect()
}

/// The line that is changed, at the version that was read.
fn kept(rows: &[Line], part: Part, id: &str, version: i32) -> Outcome<Line> {
    let row = rows
        .iter()
        .find(|row| row.id == id && row.part == part.as_str());
    let row = row.ok_or(Error::NotFound)?;
    if !part.can_change() {
        return Err(Error::Rule(
            "A contact that was logged stays as it was. Log another that puts it right.".into(),
        ));
    }
    if row.version != version {
        return Err(Error::Stale);
    }
    Ok(row.clone())
}

/// What is asked, without what was left empty.
fn tidy(part: Part, said: Said) -> Said {
    let asked = |name: &str| fields(part).iter().any(|field| field.name == name);
    said.into_iter()
        .filter(|(name, _)| asked(name))
        .map(|(name, text)| (name, text.replace("\r\n", "\n").trim().to_owned()))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

fn judge(
    ctx: &Context,
    rows: &[Line],
    part: Part,
    said: &Said,
    before: Option<&Line>,
    unread: Vec<Problem>,
) -> Outcome<()> {
    let dict = ctx.house.dictionary();
    let codes = dict.codes("relationship");
    let relations: Vec<&str> = codes.iter().map(|code| code.code.as_str()).collect();
    let people: Vec<&str> = rows
        .iter()
        .filter(|row| row.part == Part::People.as_str())
        .map(|row| row.id.as_str())
        .collect();
    let around = Around {
        today: ctx.today(),
        relations: &relations,
        people: &people,
        before: before.map(|row| row.state.as_str()),
    };
    let mut found = unread;
    for wrong in problems(part, said, &around) {
        // What could not be read is not also said to be missing.
        if found.iter().all(|p| p.field != wrong.field) {
            found.push(wrong);
        }
    }
    let another = rows.iter().any(|row| {
        row.part == Part::KeyWorker.as_str()
            && !is_over(&row.state)
            && before.is_none_or(|before| before.id != row.id)
    });
    if part == Part::KeyWorker && another && !said.contains_key("ended_on") {
        let words = "There is a key worker already. Record when their work ended first";
        found.push(problem("name", "one", words));
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(found))
    }
}

/// What happened. What was said stands in a change alone; it is as sealed as the line itself, and no sentence tells it.
fn events(part: Part, row: &Line, said: &Said, was: Option<&Entry>) -> Vec<Event> {
    let (row_id, label) = (row.id.clone(), part.label().to_owned());
    let (before, after) = differing(was.map_or(Value::Null, |was| json!(was.said)), json!(said));
    let mut all = vec![match was {
        None => Event::FamilyAdded {
            row_id: row_id.clone(),
            label,
        },
        Some(was) => Event::FamilyChanged {
            row_id: row_id.clone(),
            label,
            fields: changed(part, &was.said, said),
            before,
            after,
        },
    }];
    let same_state = was.is_some_and(|was| was.state == row.state);
    // A day that was put right is told again.
    let same_day = |name: &str| was.is_some_and(|was| was.said.get(name) == said.get(name));
    let day = |name: &str| said.get(name)?.parse::<NaiveDate>().ok();
    all.extend(match part {
        Part::KeyWorker if !same_day("named_on") => {
            day("named_on").map(|on| Event::KeyWorkerNamed { on })
        }
        Part::People if row.state == LEAFLET_OFFERED && !(same_state && same_day("leaflet_on")) => {
            day("leaflet_on").map(|on| Event::LeafletOffered { on })
        }
        _ if same_state => None,
        Part::Others => row
            .state
            .parse::<Safe>()
            .ok()
            .filter(|safe| *safe != Safe::Unanswered)
            .map(|answer| Event::SafetyAnswered { row_id, answer }),
        Part::Questions => row
            .state
            .parse::<Asked>()
            .ok()
            .filter(|_| was.is_some())
            .map(|to| Event::QuestionMoved { row_id, to }),
        _ => None,
    });
    all
}

fn changed(part: Part, before: &Said, after: &Said) -> Vec<String> {
    fields(part)
        .iter()
        .filter(|field| before.get(field.name) != after.get(field.name))
        .map(|field| field.label.to_owned())
        .collect()
}

/// The names of the parents and carers, by the ids of their lines.
pub fn names(entries: &[Entry]) -> BTreeMap<String, String> {
    let people = entries.iter().filter(|e| e.part == Part::People);
    people
        .map(|e| {
            let name = e.said.get("name").cloned();
            (
                e.id.clone(),
                name.unwrap_or_else(|| e.part.label().to_owned()),
            )
        })
        .collect()
}
