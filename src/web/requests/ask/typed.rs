//! The rows as they were typed, and what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{MOST_ROWS, Row, askable};
use crate::casework::Context;
use crate::casework::gather::{self, NewRequest};
use crate::domain::form::{Answers, Dictionary, Field, Posted, Problem, read};
use crate::web::Post;

/// The longest name or organisation, in characters, as for every short text.
const LONGEST: usize = 200;
/// A date of the notification form, whose reading of three boxes is borrowed for the date agreed.
const BORROWED: &str = "date_of_referral";

/// The rows as they were posted.
pub fn typed(post: &Post, dict: &Dictionary) -> Vec<Row> {
    let numbers: BTreeSet<usize> = post
        .0
        .0
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("ask-")?.split_once('-')?.0.parse().ok())
        .filter(|number| *number < MOST_ROWS)
        .collect();
    let known = askable(dict);
    numbers
        .into_iter()
        .map(|number| {
            let name = |column: &str| format!("ask-{number}-{column}");
            let text = |column: &str| clean(post.text(&name(column)));
            let forms = post.all(&name("forms"));
            Row {
                number,
                from: text("from"),
                reason: String::new(),
                contact: text("contact"),
                chosen: post.get(&name("send")).is_some(),
                agency: text("agency"),
                professional_type: text("professional_type"),
                name: text("name"),
                organisation: text("organisation"),
                email: text("email"),
                forms: forms
                    .into_iter()
                    .filter(|form| known.iter().any(|(code, _)| code == form))
                    .collect(),
                day: text("date-day"),
                month: text("date-month"),
                year: text("date-year"),
                ended: text("ended"),
                warning: String::new(),
                errors: BTreeMap::new(),
            }
        })
        .collect()
}

fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The requests to send, with every row's messages left in it. When any row has a message, nothing may be
/// sent.
pub fn judged(ctx: &Context, rows: &mut [Row]) -> Vec<NewRequest> {
    let mut new = Vec::new();
    let mut before: Vec<String> = Vec::new();
    for row in rows.iter_mut().filter(|row| row.counts()) {
        let request = judge(ctx, row);
        let email = request.email.to_lowercase();
        if !email.is_empty() && before.contains(&email) {
            let words = "This email address stands in two of the rows. Ask each person once";
            row.errors.insert("email".into(), words.into());
        }
        before.push(email);
        new.push(request);
    }
    if rows.iter().filter(|row| !row.errors.is_empty()).count() > 1 {
        name_rows(rows);
    }
    new
}

/// Where several rows have the same message, each says whose it is.
fn name_rows(rows: &mut [Row]) {
    for row in rows {
        let who = match row.name.as_str() {
            "" => format!("Row {}", row.number + 1),
            name => name.to_owned(),
        };
        for message in row.errors.values_mut() {
            *message = format!("{who}: {message}");
        }
    }
}

fn judge(ctx: &Context, row: &mut Row) -> NewRequest {
    let date = agreed(ctx, row);
    let request = NewRequest {
        agency: row.agency.clone(),
        professional_type: Some(row.professional_type.clone()).filter(|t| !t.is_empty()),
        recipient: row.name.clone(),
        organisation: Some(row.organisation.clone()).filter(|t| !t.is_empty()),
        email: row.email.clone(),
        contact_id: Some(row.contact.clone()).filter(|id| !id.is_empty()),
        forms: row.forms.clone(),
        agreed_date: date.clone().unwrap_or_default(),
    };
    let mut say = |column: &str, message: String| {
        row.errors.entry(column.to_owned()).or_insert(message);
    };
    for problem in gather::faults(ctx, 0, &request) {
        say(column(&problem), problem.message.clone());
    }
    if let Err(message) = date {
        say("date", message);
    }
    let dict = ctx.house.dictionary();
    let kind = request.professional_type.as_deref();
    if kind.is_some_and(|kind| dict.code("professional_type", kind).is_none()) {
        let words = "Choose the professional type from the list";
        say("professional_type", words.into());
    }
    for (column, what, text) in [
        ("name", "The name", &request.recipient),
        ("email", "The email address", &request.email),
        ("organisation", "The organisation", &row.organisation),
    ] {
        if text.chars().count() > LONGEST {
            say(column, format!("{what} must have 200 characters or fewer"));
        }
    }
    if let Some(words) = over(ctx, &row.organisation)
        && row.ended != row.organisation
    {
        let message = format!("{words} Change it, or send it as it is");
        row.errors
            .entry("organisation".to_owned())
            .or_insert(message);
    }
    request
}

/// What is said of an organisation that has ended.
fn over(ctx: &Context, organisation: &str) -> Option<String> {
    let (day, next) = ctx.house.ended(organisation, ctx.today())?;
    let day = day.format("%-d %B %Y");
    Some(match next {
        Some(next) => format!("This organisation ended on {day}. {next} came after it."),
        None => format!("This organisation ended on {day}."),
    })
}

/// Puts beside each organisation that has ended that it has, and remembers that it was said.
pub fn warned(ctx: &Context, rows: Vec<Row>) -> Vec<Row> {
    let warn = |row: Row| match over(ctx, &row.organisation) {
        Some(warning) => Row {
            warning,
            ended: row.organisation.clone(),
            ..row
        },
        None => row,
    };
    rows.into_iter().map(warn).collect()
}

/// The work names a column as it is stored; the page's box for the person is called `name`.
fn column(problem: &Problem) -> &str {
    match problem.column.as_deref() {
        Some("recipient") | None => "name",
        Some(other) => other,
    }
}

/// The date agreed; none when the boxes are empty.
fn agreed(ctx: &Context, row: &Row) -> Result<Option<NaiveDate>, String> {
    let dict = ctx.house.dictionary();
    let Some(form) = dict.form("notification") else {
        return Ok(None);
    };
    let Some(borrowed) = form.field(BORROWED) else {
        return Ok(None);
    };
    let field = Field {
        label: "Date agreed".into(),
        checks: Vec::new(),
        ..borrowed.clone()
    };
    let boxes = [
        ("day", &row.day),
        ("month", &row.month),
        ("year", &row.year),
    ];
    let posted = Posted(
        boxes
            .iter()
            .map(|(part, text)| (format!("{BORROWED}-{part}"), (*text).clone()))
            .collect(),
    );
    let mut read_into = Answers::default();
    if let Some(problem) = read(dict, form, &[&field], &posted, &mut read_into).pop() {
        return Err(problem.message);
    }
    let date = read_into.date(BORROWED);
    if date.is_some_and(|date| date < ctx.today()) {
        return Err("Date agreed must be today or later".into());
    }
    Ok(date)
}
