//! What members ask before the panel meets: each question goes to an agency through the coordinator, and its answer comes
//! back in words that name nobody. Must not know who else asked.

use super::desk::known_with;
use super::reading::{Door, door};
use super::{reach, read, store};
use crate::casework::gather::{agency_label, fresh_link};
use crate::casework::naming::known;
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, letters, record, respond};
use crate::domain::code::coded;
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::panel::ItemState;
use crate::domain::permission::Verb;
use crate::domain::redaction::{What, find};
use crate::store::cases::Case;
use crate::store::meetings::Meeting;
use crate::store::packs::Question;
use crate::store::panels::Item;
use crate::store::requests::Request;
use crate::store::{Conn, Tx, accounts, cases, merges, requests};

const LONGEST: usize = 2_000;

coded! {
    /// How far a question is.
    pub enum Asked {
        Asked = "asked", "With the coordinator";
        Sent = "sent", "Sent to the agency";
        Answered = "answered", "Answered, with the coordinator";
        PassedOn = "passed_on", "Answered";
        NotAsked = "not_asked", "Settled by the coordinator";
    }
}

fn given(field: &str, text: &str, empty: &str) -> Outcome<String> {
    let text = text.trim();
    let fault = match text.chars().count() {
        0 => empty,
        n if n > LONGEST => "Use at most 2,000 characters",
        _ => return Ok(text.to_owned()),
    };
    Err(Error::Invalid(vec![problem(field, "required", fault)]))
}

/// Words that members read name nobody.
fn naming_nobody(
    conn: &mut Conn,
    ctx: &Context,
    (case, item_id): (&Case, &str),
    field: &str,
    text: &str,
) -> Outcome<()> {
    let known = match store::of_item(conn, item_id)? {
        Some(pack) => known_with(conn, ctx, case, &read(&pack.decisions)?)?,
        None => known(conn, ctx, case, &[])?,
    };
    let found = find(&ctx.house.redaction, &known, text, Some(case.date_of_death));
    let mut what: Vec<&str> = found
        .iter()
        .filter(|one| one.what != What::Perhaps)
        .map(|one| one.what.label())
        .collect();
    what.dedup();
    if what.is_empty() {
        return Ok(());
    }
    let words = format!(
        "Members read this as it stands, and it could tell who somebody is ({}). Word it otherwise",
        what.join(", ").to_lowercase()
    );
    Err(Error::Invalid(vec![problem(field, "names", &words)]))
}

/// Whether an answer could still come before the panel meets.
pub fn in_time(ctx: &Context, row: &Meeting, item: &Item) -> bool {
    item.state == ItemState::Listed.as_str() && ctx.stamp() < row.starts_at
}

/// A member asks.
pub fn ask(tx: &mut Tx<'_>, ctx: &Context, at: (&str, &str), text: &str) -> Outcome<()> {
    let (row, item, case) = reach(tx.conn(), ctx, at, Verb::ReadPack)?;
    let door = door(tx.conn(), ctx, (&row, &item, &case))?;
    if door != Door::Open {
        return Err(Error::Rule(door.words()));
    }
    let question = given("question", text, "Enter what you would like to know")?;
    if !in_time(ctx, &row, &item) {
        let words = "The panel has met on this case, so an answer would come too late";
        return Err(Error::Invalid(vec![problem("question", "late", words)]));
    }
    let user = ctx.actor.user_id().ok_or(Error::NotFound)?.to_owned();
    let there = store::questions_of(tx.conn(), &item.id)?;
    if there
        .iter()
        .any(|q| q.user_id == user && q.question == question)
    {
        tx.unchanged();
        return Ok(());
    }
    let row = Question {
        id: ctx.new_id(),
        item_id: item.id.clone(),
        case_id: case.id.clone(),
        user_id: user,
        state: Asked::Asked.as_str().to_owned(),
        request_id: None,
        asked_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        version: 1,
        question,
        worded: None,
        answer: None,
        told: None,
    };
    store::ask(tx, &row)?;
    let event = Event::PackQuestionAsked {
        item_id: item.id,
        question_id: row.id.clone(),
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)
}

/// What was asked about an item, with the name of who asked: all of it for those who keep the panel, and to a member the
/// own questions and what was told to everybody.
pub fn of_item(
    conn: &mut Conn,
    ctx: &Context,
    item_id: &str,
    keeps: bool,
) -> Outcome<Vec<(Question, Asked, Option<String>)>> {
    let mut all = Vec::new();
    for question in store::questions_of(conn, item_id)? {
        let unknown = |_| Error::Internal("an unknown state of a question is stored".into());
        let state: Asked = question.state.parse().map_err(unknown)?;
        let own = ctx.actor.user_id() == Some(question.user_id.as_str());
        if keeps {
            let name = accounts::by_id(conn, &question.user_id)?.map(|user| user.name);
            all.push((question, state, name));
        } else if own || question.told.is_some() {
            let shown = Question {
                // Another member's words may hold what that member knows; what was told does not.
                question: if own {
                    question.question
                } else {
                    String::new()
                },
                worded: question.worded.filter(|_| question.told.is_some()),
                answer: None,
                ..question
            };
            all.push((shown, state, None));
        }
    }
    Ok(all)
}

fn open(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    (id, version): (&str, i32),
) -> Outcome<(Case, Question)> {
    let (_, item, case) = reach(tx.conn(), ctx, at, Verb::KeepPack)?;
    tx.hold(&format!("pack-question:{id}"))?;
    let found = store::question(tx.conn(), id)?.filter(|q| q.item_id == item.id);
    let question = found.ok_or(Error::NotFound)?;
    if question.version != version {
        return Err(Error::Stale);
    }
    Ok((case, question))
}

fn save(tx: &mut Tx<'_>, ctx: &Context, question: &mut Question) -> Outcome<()> {
    question.updated_at = ctx.stamp();
    if store::save_question(tx, question)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// The requests to whose agencies a question can go: those of the case and of the cases that are read under it.
pub fn askable(conn: &mut Conn, case: &Case) -> Outcome<Vec<Request>> {
    let together = merges::together(conn, &case.id)?;
    let mut all = requests::of_cases(conn, &together)?;
    all.retain(|r| !matches!(r.state.as_str(), "withdrawn" | "waived"));
    Ok(all)
}

/// Sends a question to the agency of a request of the case, in the coordinator's words, with a new link.
pub fn send(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    which: (&str, i32),
    request_id: &str,
    worded: &str,
) -> Outcome<()> {
    let (case, mut question) = open(tx, ctx, at, which)?;
    let mut wrong: Vec<Problem> = Vec::new();
    let worded = match given("worded", worded, "Enter what the agency is asked") {
        Err(Error::Invalid(faults)) => {
            wrong.extend(faults);
            String::new()
        }
        other => other?,
    };
    // One after the other with whoever reminds of it or answers it.
    tx.hold(request_id)?;
    let all = askable(tx.conn(), &case)?;
    let request = all.into_iter().find(|r| r.id == request_id);
    let (Some(mut request), true) = (request, wrong.is_empty()) else {
        wrong.push(problem(
            "request",
            "required",
            "Choose the agency that is asked",
        ));
        return Err(Error::Invalid(wrong));
    };
    if question.state != Asked::Asked.as_str() {
        return Err(Error::Rule(
            "This question was sent or settled already.".into(),
        ));
    }
    Asked::Sent.as_str().clone_into(&mut question.state);
    question.request_id = Some(request.id.clone());
    question.worded = Some(worded);
    save(tx, ctx, &mut question)?;
    let token = fresh_link(tx, ctx, &mut request)?;
    letters::panel_question(tx, ctx, &request, &token)?;
    let event = Event::PackQuestionSent {
        question_id: question.id.clone(),
        request_id: request.id.clone(),
        agency: agency_label(ctx, &request.agency),
    };
    record(tx, ctx, Some(&case.id), Some(&question.id), &event)
}

/// Whether a question waits for the holder of a request.
pub fn waits(conn: &mut Conn, request_id: &str) -> Outcome<bool> {
    let all = store::questions_to(conn, request_id)?;
    Ok(all.iter().any(|q| q.state == Asked::Sent.as_str()))
}

/// The questions that wait behind an agency's link, and those it answered. The caller holds the request.
pub fn asked_of(conn: &mut Conn, request_id: &str) -> Outcome<Vec<Question>> {
    Ok(store::questions_to(conn, request_id)?)
}

/// The agency answers.
pub fn answer(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request_id: &str,
    (id, version): (&str, i32),
    text: &str,
) -> Outcome<()> {
    let request = requests::get(tx.conn(), request_id)?.ok_or(Error::NotFound)?;
    respond::allow(ctx, &request)?;
    tx.hold(&format!("pack-question:{id}"))?;
    let found = store::question(tx.conn(), id)?;
    let found = found.filter(|q| q.request_id.as_deref() == Some(request_id));
    let mut question = found.ok_or(Error::NotFound)?;
    let text = given(
        &format!("answer-{id}"),
        text,
        "Enter your answer, or that you do not know",
    )?;
    if question.answer.as_deref() == Some(text.as_str()) {
        tx.unchanged();
        return Ok(());
    }
    if question.version != version {
        return Err(Error::Stale);
    }
    if question.state != Asked::Sent.as_str() {
        let words = "This question is settled. Telephone the team if something has changed.";
        return Err(Error::Rule(words.into()));
    }
    Asked::Answered.as_str().clone_into(&mut question.state);
    question.answer = Some(text);
    save(tx, ctx, &mut question)?;
    let event = Event::PackQuestionAnswered {
        question_id: question.id.clone(),
        agency: agency_label(ctx, &request.agency),
    };
    let case = cases::get(tx.conn(), &question.case_id)?.ok_or(Error::NotFound)?;
    record(tx, ctx, Some(&case.id), Some(&question.id), &event)
}

/// Tells the members what was answered, in words that name nobody.
pub fn pass_on(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    which: (&str, i32),
    told: &str,
) -> Outcome<()> {
    tell(tx, ctx, at, which, told, Asked::PassedOn)
}

/// Settles a question without asking an agency.
pub fn set_aside(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    which: (&str, i32),
    told: &str,
) -> Outcome<()> {
    tell(tx, ctx, at, which, told, Asked::NotAsked)
}

fn tell(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    which: (&str, i32),
    told: &str,
    to: Asked,
) -> Outcome<()> {
    let (case, mut question) = open(tx, ctx, at, which)?;
    let field = format!("told-{}", question.id);
    let told = given(&field, told, "Enter what the members read")?;
    naming_nobody(tx.conn(), ctx, (&case, &question.item_id), &field, &told)?;
    if let Some(worded) = &question.worded {
        naming_nobody(tx.conn(), ctx, (&case, &question.item_id), &field, worded)?;
    }
    to.as_str().clone_into(&mut question.state);
    question.told = Some(told);
    save(tx, ctx, &mut question)?;
    let event = Event::PackQuestionSettled {
        question_id: question.id.clone(),
    };
    record(tx, ctx, Some(&case.id), Some(&question.id), &event)
}
