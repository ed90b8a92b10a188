//! Notifying a death: drafts that nobody loses, sending once however often the button is pressed, sending
//! early and completing later, and notifications from other systems. Must not know who else was notified of:
//! nothing here tells the sender whether the death was known already.

mod from_file;

pub(super) use from_file::{OF_STAFF, keep_of_file, of_file, of_transfer};

use chrono::NaiveDate;
use serde_json::Value;

use super::people::problem;
use super::{Context, Error, Outcome, held, letters, picture, record, secrets};
use crate::domain::calendar::london;
use crate::domain::duplicate::fold;
use crate::domain::event::Event;
use crate::domain::form::{
    Answer, AnsweredBy, Answers, Dictionary, Form, Problem, Severity, Stage, check_where, derive,
    prune,
};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::notifications::Notification;
use crate::store::{Conn, Tx, notifications, tokens};

/// The dictionary's name of the notification form.
pub const FORM: &str = "notification";

/// What the sender is told.
#[derive(Clone, Debug)]
pub struct Sent {
    pub id: String,
    pub reference: String,
    pub complete: bool,
}

/// Opens an empty draft.
pub fn begin(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<Notification> {
    ctx.allow(Verb::Notify, &Facts::default())?;
    let row = blank(ctx, "portal");
    notifications::insert(tx, &row)?;
    let event = Event::NotificationDraftSaved {
        section: String::new(),
    };
    record(tx, ctx, None, Some(&row.id), &event)?;
    Ok(row)
}

fn blank(ctx: &Context, source: &str) -> Notification {
    let id = ctx.new_id();
    Notification {
        code_hash: ctx
            .house
            .secrets
            .hash("notify-code", &secrets::normal_code(&code(ctx, &id))),
        reference: format!(
            "N{}-{}",
            ctx.house.area.reference_prefix,
            ctx.ids.letters(8)
        ),
        id,
        state: "draft".into(),
        form_version: ctx.house.dictionary().version.clone(),
        answers: "{}".into(),
        confirmed: "[]".into(),
        source: source.into(),
        complete: false,
        created_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        sent_at: None,
        case_id: None,
        decided_at: None,
        decided_by: None,
        decision: None,
        decision_reason: None,
        transferred_to: None,
        nhs_number: None,
        surname_folded: String::new(),
        forenames_folded: String::new(),
        date_of_birth: None,
        date_of_death: None,
        version: 1,
    }
}

/// The code with which a notifier comes back to a draft or completes what was sent early. It is worked out
/// from the id and the key, so it is stored nowhere.
pub fn code(ctx: &Context, id: &str) -> String {
    let digits = ctx.house.secrets.hash("notify-code-of", id);
    let letters: Vec<char> = digits
        .as_bytes()
        .chunks(2)
        .take(20)
        .map(|pair| {
            let byte = std::str::from_utf8(pair)
                .ok()
                .and_then(|p| u8::from_str_radix(p, 16).ok());
            let letters = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
            char::from(
                letters
                    .get(usize::from(byte.unwrap_or(0) & 31))
                    .copied()
                    .unwrap_or(b'0'),
            )
        })
        .collect();
    letters
        .chunks(5)
        .map(|c| c.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-")
}

/// The draft or early notification behind a code that somebody typed.
pub fn find_by_code(conn: &mut Conn, ctx: &Context, typed: &str) -> Outcome<Option<Notification>> {
    let hash = ctx
        .house
        .secrets
        .hash("notify-code", &secrets::normal_code(typed));
    Ok(notifications::by_code(conn, &hash)?.filter(open_to_sender))
}

/// Whether the sender may still change it: a draft, or sent early and not yet completed.
pub fn open_to_sender(row: &Notification) -> bool {
    row.state == "draft"
        || (!row.complete
            && matches!(
                row.state.as_str(),
                "received" | held::HELD | "accepted" | "joined"
            ))
}

/// One save of a section.
#[derive(Clone, Debug)]
pub struct Save {
    pub id: String,
    /// The version the page was made from.
    pub version: i32,
    pub section: String,
    pub answers: Answers,
    /// Warnings the sender confirmed, as `field:rule`.
    pub confirmed: Vec<String>,
}

/// Keeps what was typed in one section.
pub fn save(tx: &mut Tx<'_>, ctx: &Context, save: &Save) -> Outcome<Notification> {
    ctx.allow(Verb::Notify, &Facts::default())?;
    let mut row = notifications::get(tx.conn(), &save.id)?
        .filter(open_to_sender)
        .ok_or(Error::NotFound)?;
    if row.version != save.version {
        return Err(Error::Stale);
    }
    let was = row.state.clone();
    fill(ctx, &mut row, &save.answers, &save.confirmed);
    if !notifications::save(tx, &row, &was)? {
        return Err(Error::Stale);
    }
    let event = Event::NotificationDraftSaved {
        section: save.section.clone(),
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)?;
    row.version += 1;
    Ok(row)
}

/// Notes warnings that the sender looked at and found right, beside those noted before.
pub fn confirm(tx: &mut Tx<'_>, ctx: &Context, id: &str, more: &[String]) -> Outcome<()> {
    let mut row = notifications::get(tx.conn(), id)?
        .filter(open_to_sender)
        .ok_or(Error::NotFound)?;
    let mut confirmed: Vec<String> = serde_json::from_str(&row.confirmed).unwrap_or_default();
    confirmed.extend(more.iter().filter(|key| key.len() <= 200).cloned());
    confirmed.sort();
    confirmed.dedup();
    row.confirmed = Value::from(confirmed).to_string();
    let was = row.state.clone();
    if !notifications::save(tx, &row, &was)? {
        return Err(Error::Stale);
    }
    let event = Event::NotificationDraftSaved {
        section: String::new(),
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)
}

/// Puts answers in the row, and repeats what duplicates are looked for by.
fn fill(ctx: &Context, row: &mut Notification, answers: &Answers, confirmed: &[String]) {
    row.answers = answers.to_json().to_string();
    row.confirmed = Value::from(confirmed.to_vec()).to_string();
    row.updated_at = ctx.stamp();
    let text = |id: &str| answers.text(id).unwrap_or_default();
    row.nhs_number = answers.text("nhs_number").map(str::to_owned);
    row.surname_folded = fold(text("child_surname"));
    row.forenames_folded = fold(text("child_forenames"));
    row.date_of_birth = answers.date("date_of_birth");
    row.date_of_death = answers.date("date_of_death");
}

/// The answers of a stored notification.
pub fn answers(ctx: &Context, row: &Notification) -> Answers {
    picture::stored(
        ctx.house.dictionary_of(&row.form_version),
        FORM,
        &row.answers,
    )
}

/// The answers of a notification for whoever may read notifications; none of them for others.
pub fn shown(ctx: &Context, row: &Notification) -> Answers {
    if may(&ctx.actor, Verb::ReadNotification, &Facts::default()) {
        answers(ctx, row)
    } else {
        Answers::default()
    }
}

/// What still stops or asks for confirmation before a notification can be sent.
pub fn faults(ctx: &Context, row: &Notification, early: bool) -> Outcome<Vec<Problem>> {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let form = dict
        .form(FORM)
        .ok_or_else(|| Error::Internal("no notification form".into()))?;
    let mut given = answers(ctx, row);
    let confirmed: Vec<String> = serde_json::from_str(&row.confirmed).unwrap_or_default();
    Ok(faults_in(ctx, dict, form, &mut given, &confirmed, early))
}

fn faults_in(
    ctx: &Context,
    dict: &Dictionary,
    form: &Form,
    given: &mut Answers,
    confirmed: &[String],
    early: bool,
) -> Vec<Problem> {
    let around = ctx.around(&|_| None);
    derive(dict, form, given, &around);
    let stage = if early { Stage::Draft } else { Stage::Final };
    let mut problems = check_where(dict, form, given, &around, stage, &|f| {
        f.answered_by == AnsweredBy::Notifier
    });
    problems
        .retain(|p| p.severity == Severity::Stop || !confirmed.contains(&picture::confirmation(p)));
    if early {
        for id in &ctx.house.early {
            if let (false, Some(field)) = (given.is_answered(id), form.field(id)) {
                let words = format!("Enter {} before sending early", lower_first(&field.label));
                problems.push(problem(id, "required", &words));
            }
        }
    }
    problems
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// How a notification is sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sending {
    /// With the first facts, to be completed later.
    pub early: bool,
    /// What no person can see was filled in.
    pub trap: bool,
    /// Sooner than so many seconds after the beginning, no person sent it.
    pub quickest: u32,
}

/// Sends a draft, or completes what was sent early. Pressing the button twice gives the same answer.
pub fn send(tx: &mut Tx<'_>, ctx: &Context, id: &str, how: Sending) -> Outcome<Sent> {
    let early = how.early;
    ctx.allow(Verb::Notify, &Facts::default())?;
    tx.hold(id)?;
    let mut row = notifications::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    let was = row.state.clone();
    if !open_to_sender(&row) || (early && was != "draft") {
        // Already sent: say the same again.
        tx.unchanged();
        return Ok(Sent {
            id: row.id,
            reference: row.reference,
            complete: row.complete,
        });
    }
    let faults = faults(ctx, &row, early)?;
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let mut given = answers(ctx, &row);
    let before = given.0.len();
    finish(ctx, &row, &mut given, !early, "portal");
    let confirmed: Vec<String> = serde_json::from_str(&row.confirmed).unwrap_or_default();
    fill(ctx, &mut row, &given, &confirmed);
    row.complete = !early;
    let doubt = held::doubt(ctx, &row, how.trap, how.quickest).filter(|_| was == "draft");
    if was == "draft" {
        row.state = doubt.map_or("received", |_| held::HELD).into();
        row.sent_at = Some(ctx.stamp());
    }
    if !notifications::save(tx, &row, &was)? {
        return Err(Error::Stale);
    }
    match doubt {
        Some(why) => hold(tx, ctx, &row, why)?,
        // It still waits to be looked at: nothing goes out.
        None if was == held::HELD => {
            let fields = given.0.len().saturating_sub(before);
            let event = Event::NotificationCompleted { fields };
            record(tx, ctx, None, Some(&row.id), &event)?;
        }
        None => announce(tx, ctx, &row, &given, was == "draft", before)?,
    }
    if let Some(case_id) = &row.case_id {
        picture::add_from_notifier(tx, ctx, case_id, &row.form_version, &given)?;
    }
    Ok(Sent {
        id: row.id,
        reference: row.reference,
        complete: row.complete,
    })
}

/// Keeps it apart. The coordinator is told; no mail goes to an address that a program may have typed.
fn hold(tx: &mut Tx<'_>, ctx: &Context, row: &Notification, why: &str) -> Outcome<()> {
    let sent = Event::NotificationSent {
        version: row.form_version.clone(),
        route: row.source.clone(),
        complete: row.complete,
    };
    record(tx, ctx, None, Some(&row.id), &sent)?;
    let event = Event::NotificationHeld {
        why: why.to_owned(),
    };
    record(tx, ctx, None, Some(&row.id), &event)?;
    letters::something_held(tx, ctx)
}

/// Fills what the system answers when a notification arrives, and drops answers to hidden questions.
fn finish(ctx: &Context, row: &Notification, given: &mut Answers, complete: bool, route: &str) {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let Some(form) = dict.form(FORM) else { return };
    let around = ctx.around(&|_| None);
    derive(dict, form, given, &around);
    if complete {
        prune(form, given, &around);
    }
    let received = london(ctx.now);
    let received = received.date().and_time(minute(received.time()));
    given.set(
        "notification_reference",
        Answer::Text(row.reference.clone()),
    );
    if !given.is_answered("notification_datetime") {
        given.set("notification_datetime", Answer::DateTime(received));
        given.set("date_of_referral", Answer::Date(received.date()));
        given.set("notification_route", Answer::Choice(route.into()));
    }
    given.set("record_status", Answer::Choice("received".into()));
    given.set("form_complete", Answer::Boolean(complete));
}

fn minute(time: chrono::NaiveTime) -> chrono::NaiveTime {
    use chrono::Timelike;
    time.with_second(0)
        .and_then(|t| t.with_nanosecond(0))
        .unwrap_or(time)
}

fn announce(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Notification,
    given: &Answers,
    first: bool,
    before: usize,
) -> Outcome<()> {
    let event = if first {
        Event::NotificationSent {
            version: row.form_version.clone(),
            route: row.source.clone(),
            complete: row.complete,
        }
    } else {
        Event::NotificationCompleted {
            fields: given.0.len().saturating_sub(before),
        }
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)?;
    letters::notification_arrived(tx, ctx, row, first)?;
    if let (true, Some(email)) = (first, given.text("referrer_email")) {
        letters::notification_received(tx, ctx, row, email)?;
    }
    Ok(())
}

/// A notification from another system.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    pub system: &'a str,
    /// The sender's own name for this notification, the same when it is sent again.
    pub key: &'a str,
    pub body: &'a Value,
}

/// Takes a notification from another system. The same key with the same body gives the same reference.
pub fn receive(tx: &mut Tx<'_>, ctx: &Context, received: &Received<'_>) -> Outcome<String> {
    ctx.allow(Verb::ApiNotify, &Facts::default())?;
    let key_hash = ctx.house.secrets.hash(
        "idempotency",
        &format!("{}\n{}", received.system, received.key),
    );
    let body_hash = secrets::digest(received.body.to_string().as_bytes());
    if let Some((seen, reference)) = tokens::reply(tx.conn(), &key_hash)? {
        tx.unchanged();
        return if seen == body_hash {
            Ok(reference)
        } else {
            Err(Error::Rule(
                "This Idempotency-Key was used before with a different notification.".into(),
            ))
        };
    }
    let row = take(tx, ctx, received.body, "agency_login")?;
    tokens::insert_reply(tx, &key_hash, &body_hash, &row.reference, ctx.stamp())?;
    Ok(row.reference)
}

/// Checks and stores a whole notification given as JSON.
fn take(tx: &mut Tx<'_>, ctx: &Context, body: &Value, route: &str) -> Outcome<Notification> {
    let mut row = blank(ctx, "api");
    if body.get("form").and_then(Value::as_str) != Some(FORM) {
        return Err(Error::Invalid(vec![problem(
            "form",
            "form",
            "The form must be “notification”.",
        )]));
    }
    if let Some(version) = body.get("version").and_then(Value::as_str) {
        if ctx.house.library.version(version).is_none() {
            return Err(Error::Invalid(vec![problem(
                "version",
                "version",
                "This version of the form is not known here.",
            )]));
        }
        version.clone_into(&mut row.form_version);
    }
    let dict = ctx.house.dictionary_of(&row.form_version);
    let form = dict
        .form(FORM)
        .ok_or_else(|| Error::Internal("no notification form".into()))?;
    let empty = Value::Object(serde_json::Map::new());
    let (mut given, mut problems) =
        Answers::from_json(form, dict, body.get("answers").unwrap_or(&empty));
    given.0.retain(|id, _| {
        form.field(id)
            .is_some_and(|f| f.answered_by == AnsweredBy::Notifier)
    });
    // Another system has nobody to ask back, so a warning is kept as confirmed.
    problems.extend(
        faults_in(ctx, dict, form, &mut given, &[], false)
            .into_iter()
            .filter(|p| p.severity == Severity::Stop),
    );
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    finish(ctx, &row, &mut given, true, route);
    fill(ctx, &mut row, &given, &[]);
    row.complete = true;
    row.state = "received".into();
    row.sent_at = Some(ctx.stamp());
    notifications::insert(tx, &row)?;
    announce(tx, ctx, &row, &given, true, 0)?;
    Ok(row)
}

/// The date of death in a notification, when it is known.
pub fn date_of_death(ctx: &Context, row: &Notification) -> Option<NaiveDate> {
    answers(ctx, row).date("date_of_death")
}
