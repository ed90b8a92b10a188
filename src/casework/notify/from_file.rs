//! A notification out of a row of a file, checked by the same rules as one that was typed. Must not know how the file
//! was read, nor whether the death is known already.

use serde_json::Value;

use super::{FORM, blank, faults_in, fill, finish};
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::event::Event;
use crate::domain::form::{Answer, Answers, Problem, Severity};
use crate::store::Tx;
use crate::store::notifications::{self, Notification};

/// Answers of staff that a file may bring.
pub(in crate::casework) const OF_STAFF: [&str; 2] = ["notification_route", "cascade_record_id"];

/// Reads a notification out of a file: whole where nothing is missing, and otherwise as one that was sent early. What
/// stops even that is given back.
pub(in crate::casework) fn of_file(
    ctx: &Context,
    body: &Value,
) -> Outcome<Result<(Notification, Answers), Vec<Problem>>> {
    of_source(ctx, "import", &ctx.house.dictionary().version, body)
}

/// The same out of a case that another panel hands over, whose notification stands in this version of the form.
pub(in crate::casework) fn of_transfer(
    ctx: &Context,
    version: &str,
    body: &Value,
) -> Outcome<Result<(Notification, Answers), Vec<Problem>>> {
    of_source(ctx, "transfer", version, body)
}

fn of_source(
    ctx: &Context,
    source: &str,
    version: &str,
    body: &Value,
) -> Outcome<Result<(Notification, Answers), Vec<Problem>>> {
    let mut row = blank(ctx, source);
    version.clone_into(&mut row.form_version);
    let dict = ctx.house.dictionary_of(version);
    let form = dict
        .form(FORM)
        .ok_or_else(|| Error::Internal("no notification form".into()))?;
    let (mut given, mut problems) = Answers::from_json(form, dict, body);
    // Nobody can be asked back, so a warning is kept as confirmed.
    let mut stops = |early: bool| -> Vec<Problem> {
        let mut found = faults_in(ctx, dict, form, &mut given, &[], early);
        found.retain(|p| p.severity == Severity::Stop);
        found
    };
    row.complete = problems.is_empty() && stops(false).is_empty();
    if !row.complete {
        // A value that could not be read is not called missing as well.
        let unread: Vec<String> = problems.iter().map(|p| p.field.clone()).collect();
        let more = stops(true).into_iter();
        problems.extend(more.filter(|p| !unread.contains(&p.field)));
    }
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    // Known before the questions that hang on it are dropped.
    if !given.is_answered("notification_route") {
        let cascade = given.is_answered("cascade_record_id");
        let route = if cascade { "mbrrace_cascade" } else { "email" };
        given.set("notification_route", Answer::Choice(route.into()));
    }
    let said = given.get("notification_route").cloned();
    let complete = row.complete;
    finish(ctx, &row, &mut given, complete, "email");
    if let Some(said) = said {
        given.set("notification_route", said);
    }
    fill(ctx, &mut row, &given, &[]);
    row.state = "received".into();
    row.sent_at = Some(ctx.stamp());
    Ok(Ok((row, given)))
}

/// Stores a notification that was read out of a file. Nobody is written to: whoever imports knows of it.
pub(in crate::casework) fn keep_of_file(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Notification,
) -> Outcome<()> {
    notifications::insert(tx, row)?;
    let event = Event::NotificationSent {
        version: row.form_version.clone(),
        route: row.source.clone(),
        complete: row.complete,
    };
    record(tx, ctx, None, Some(&row.id), &event)
}
