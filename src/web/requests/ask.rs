//! The rows of "ask for information": who is proposed from the notification, what was typed, and what is
//! wrong with it. Must not send anything.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use crate::casework::Context;
use crate::casework::directory::{Listed, best};
use crate::casework::gather::{self, NewRequest};
use crate::domain::form::{Answer, Answers, Dictionary, Field, FormKind, Posted, Problem, read};
use crate::domain::holders::Holders;
use crate::domain::proposal::Proposed;
use crate::store::requests::Request;
use crate::web::Post;

/// More rows than this are not read.
const MOST_ROWS: usize = 60;
/// The longest name or organisation, in characters, as for every short text.
const LONGEST: usize = 200;
/// A date of the notification form, whose reading of three boxes is borrowed for the date agreed.
const BORROWED: &str = "date_of_referral";

/// One row of the page, proposed or as it was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// The number in its field names.
    pub number: usize,
    /// Where the proposal comes from: `notification`, `gp`, `school`, `consultant`, `notifier`, `rule` for what the
    /// circumstances speak for, `directory` for somebody found there, or nothing for the row in which somebody else
    /// is typed.
    pub from: String,
    /// Why the circumstances speak for it.
    pub reason: String,
    /// Id of the contact of the directory whose name and address these are.
    pub contact: String,
    pub chosen: bool,
    pub agency: String,
    pub professional_type: String,
    pub name: String,
    pub organisation: String,
    pub email: String,
    pub forms: Vec<String>,
    pub day: String,
    pub month: String,
    pub year: String,
    /// The organisation that was shown to have ended; sent again with it, it is meant.
    pub ended: String,
    /// Said beside the organisation when it has ended.
    pub warning: String,
    /// Messages by column.
    pub errors: BTreeMap<String, String>,
}

impl Row {
    /// Sends whoever is ticked, and whoever was typed into an empty row.
    fn counts(&self) -> bool {
        let typed = [&self.name, &self.organisation, &self.email];
        self.chosen || (self.from.is_empty() && typed.iter().any(|text| !text.trim().is_empty()))
    }

    fn prefix(&self) -> String {
        format!("ask-{}", self.number)
    }

    /// The id of the first input of a column.
    fn anchor(&self, column: &str) -> String {
        match column {
            "date" => format!("#{}-date-day", self.prefix()),
            other => format!("#{}-{other}", self.prefix()),
        }
    }
}

/// The forms an agency may be asked for: the reporting form first, then the supplementary ones.
pub fn askable(dict: &Dictionary) -> Vec<(&str, &str)> {
    let wanted = |kind| matches!(kind, FormKind::Reporting | FormKind::Supplementary);
    dict.forms
        .iter()
        .filter(|form| wanted(form.kind))
        .map(|form| (form.code.as_str(), form.label.as_str()))
        .collect()
}

/// What every row starts from.
pub struct Defaults<'a> {
    /// The supplementary forms that the circumstances open and nobody was asked for.
    pub missing: Vec<String>,
    pub holders: &'a Holders,
    pub due: NaiveDate,
}

impl Defaults<'_> {
    /// A row for an agency, with the reporting form and what else it holds ticked.
    fn row(&self, from: &str, agency: &str) -> Row {
        let held = |form: &&String| self.holders.hold(agency, form);
        let more = self.missing.iter().filter(held).cloned();
        Row {
            from: from.to_owned(),
            agency: agency.to_owned(),
            forms: std::iter::once("reporting".to_owned())
                .chain(more)
                .collect(),
            day: self.due.day().to_string(),
            month: self.due.month().to_string(),
            year: self.due.year().to_string(),
            ..Row::default()
        }
    }
}

/// What the directory and the rules add to whom the notification names.
#[derive(Default)]
pub struct Beside<'a> {
    pub rules: &'a [Proposed],
    pub contacts: &'a [Listed],
    /// The district of the child's home.
    pub district: Option<&'a str>,
    /// Somebody who was looked up.
    pub found: Option<&'a Listed>,
}

impl Beside<'_> {
    /// Whoever was looked up, ticked.
    fn looked_up(&self, defaults: &Defaults<'_>) -> Option<Row> {
        let one = self.found?;
        let row = Row {
            chosen: true,
            ..defaults.row("directory", &one.contact.agency)
        };
        Some(filled(row, one))
    }

    /// The agencies that the circumstances speak for, each with the best known contact.
    fn by_rule(&self, defaults: &Defaults<'_>) -> Vec<Row> {
        let row = |rule: &Proposed| {
            let row = Row {
                professional_type: rule.professional_type.clone().unwrap_or_default(),
                reason: rule.reason.clone(),
                ..defaults.row("rule", &rule.agency)
            };
            match best(self.contacts, &rule.agency, self.district) {
                Some(one) => filled(row, one),
                None => row,
            }
        };
        self.rules.iter().map(row).collect()
    }
}

/// A row with whom the directory names.
fn filled(row: Row, one: &Listed) -> Row {
    let (name, email) = one.reached();
    let of = &one.contact;
    Row {
        contact: of.id.clone(),
        name: name.to_owned(),
        email: email.to_owned(),
        organisation: of.organisation.clone().unwrap_or_default(),
        professional_type: of
            .professional_type
            .clone()
            .unwrap_or(row.professional_type),
        ..row
    }
}

/// Everybody the notification names and every agency the circumstances speak for that was not asked yet, and one empty
/// row.
pub fn proposed(
    notified: &Answers,
    asked: &[Request],
    defaults: &Defaults<'_>,
    beside: &Beside<'_>,
) -> Vec<Row> {
    let mut rows: Vec<Row> = notified
        .rows("agencies_involved")
        .iter()
        .map(|cells| named(cells, defaults))
        .filter(|row| !row.name.is_empty() || !row.agency.is_empty() || !row.email.is_empty())
        .collect();
    let alone = [
        ("gp", "gp_name_practice", "gp", "gp"),
        ("school", "school_nursery_name", "education", ""),
        (
            "consultant",
            "responsible_consultant",
            "hospital_paeds",
            "consultant_paed",
        ),
    ];
    for (from, field, agency, kind) in alone {
        if let Some(name) = notified.text(field)
            && !rows.iter().any(|row| row.agency == agency)
        {
            rows.push(Row {
                professional_type: kind.to_owned(),
                name: name.to_owned(),
                ..defaults.row(from, agency)
            });
        }
    }
    rows.extend(notifier(notified, defaults).filter(|n| !rows.iter().any(|row| same(row, n))));
    for more in beside.by_rule(defaults) {
        let asked_already = asked.iter().any(|r| is_open(r) && r.agency == more.agency);
        match rows.iter_mut().find(|row| row.agency == more.agency) {
            // Whom the notification names comes before whom the directory knows.
            Some(row) => row.reason = more.reason,
            None if asked_already => {}
            None => rows.push(more),
        }
    }
    if let Some(found) = beside.looked_up(defaults) {
        rows.retain(|row| !same(row, &found));
        rows.insert(0, found);
    }
    // Who answered is proposed no more, but may be looked up and asked for another form.
    let done =
        |row: &Row, r: &Request| !row.contact.is_empty() && crate::store::requests::is_closed(r);
    rows.retain(|row| {
        let asked_of = |r: &Request| is_open(r) && concerns(row, r) && !done(row, r);
        !asked.iter().any(asked_of)
    });
    // Whose request was withdrawn can be asked again, but not by oversight.
    for row in &mut rows {
        row.chosen &= !asked.iter().any(|request| concerns(row, request));
    }
    rows.truncate(MOST_ROWS - 1);
    rows.push(defaults.row("", ""));
    for (number, row) in rows.iter_mut().enumerate() {
        row.number = number;
    }
    rows
}

fn named(cells: &BTreeMap<String, Answer>, defaults: &Defaults<'_>) -> Row {
    let text = |id: &str| match cells.get(id) {
        Some(Answer::Text(text) | Answer::Choice(text)) => text.clone(),
        _ => String::new(),
    };
    let email = text("email");
    let wanted = cells.get("send_reporting_form") == Some(&Answer::Boolean(true));
    Row {
        chosen: wanted && !email.is_empty(),
        professional_type: text("professional_type"),
        name: text("name"),
        organisation: text("organisation"),
        email,
        ..defaults.row("notification", &text("agency"))
    }
}

fn notifier(notified: &Answers, defaults: &Defaults<'_>) -> Option<Row> {
    let text = |id: &str| notified.text(id).unwrap_or_default().to_owned();
    let code = |id: &str| notified.choice(id).unwrap_or_default().to_owned();
    let name = text("referrer_name");
    (!name.is_empty()).then(|| Row {
        professional_type: code("referrer_professional_type"),
        name,
        organisation: text("referrer_organisation"),
        email: text("referrer_email"),
        ..defaults.row("notifier", &code("referrer_agency"))
    })
}

fn same(a: &Row, b: &Row) -> bool {
    (!a.email.is_empty() && a.email.eq_ignore_ascii_case(&b.email))
        || (a.name.eq_ignore_ascii_case(&b.name) && a.agency == b.agency)
}

fn concerns(row: &Row, request: &Request) -> bool {
    let email = !row.email.is_empty() && row.email.eq_ignore_ascii_case(&request.email);
    let person = row.agency == request.agency && row.name.eq_ignore_ascii_case(&request.recipient);
    email || person
}

/// Not let off again.
pub fn is_open(request: &Request) -> bool {
    !matches!(request.state.as_str(), "withdrawn" | "waived")
}

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

/// The error summary's list of all rows.
pub fn summary(rows: &[Row]) -> Vec<serde_json::Value> {
    const ORDER: [&str; 7] = [
        "agency",
        "professional_type",
        "name",
        "organisation",
        "email",
        "forms",
        "date",
    ];
    rows.iter()
        .flat_map(|row| {
            ORDER.iter().filter_map(|column| {
                let text = row.errors.get(*column)?;
                Some(context! { text, href => row.anchor(column) })
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::domain::sample::library;

    /// Who holds what the neonatal form asks.
    static HOLDERS: LazyLock<Holders> = LazyLock::new(|| {
        let data = "form,agencies,basis\nneonatal,neonatal|health_visiting,proposed\n";
        Holders::load(library().current(), data).unwrap()
    });

    fn defaults() -> Defaults<'static> {
        Defaults {
            missing: vec!["neonatal".into()],
            holders: &HOLDERS,
            due: NaiveDate::from_ymd_opt(2026, 4, 17).unwrap(),
        }
    }

    fn notified() -> Answers {
        let cell = |id: &str, text: &str| (id.to_owned(), Answer::Text(text.into()));
        let mut row =
            BTreeMap::from([cell("name", "Nurse Sample"), cell("email", "n@nhs.example")]);
        row.insert("agency".into(), Answer::Choice("health_visiting".into()));
        row.insert("send_reporting_form".into(), Answer::Boolean(true));
        let mut answers = Answers::default();
        answers.set("agencies_involved", Answer::Rows(vec![row]));
        answers.set(
            "gp_name_practice",
            Answer::Text("Dr Sample, The Surgery".into()),
        );
        answers
    }

    #[test]
    fn whoever_is_named_is_proposed_and_one_row_is_empty() {
        let rows = proposed(&notified(), &[], &defaults(), &Beside::default());
        let from: Vec<_> = rows.iter().map(|r| (r.from.as_str(), r.chosen)).collect();
        assert_eq!(from, [("notification", true), ("gp", false), ("", false)]);
        assert_eq!(rows[1].agency, "gp");
        assert_eq!(rows[0].forms, ["reporting", "neonatal"]);
        assert_eq!(rows[1].forms, ["reporting"]);
        assert_eq!(rows[2].forms, ["reporting"]);
        assert_eq!(rows[2].day, "17");
    }

    #[test]
    fn an_empty_row_counts_once_somebody_is_typed_into_it() {
        let mut row = defaults().row("", "");
        assert!(!row.counts());
        row.name = "Somebody".into();
        assert!(row.counts());
        row.from = "gp".into();
        assert!(!row.counts());
    }
}
