//! Who is proposed: whom the notification names, whom the circumstances speak for, and whoever was looked up.

use std::collections::{BTreeMap, BTreeSet};

use super::{Defaults, MOST_ROWS, Row, is_open};
use crate::casework::House;
use crate::casework::directory::{Listed, Stood, Wanted, best};
use crate::domain::form::{Answer, Answers};
use crate::domain::proposal::Proposed;
use crate::store::requests::{Request, is_closed};

/// What the directory and the rules add to whom the notification names.
#[derive(Default)]
pub struct Beside<'a> {
    pub rules: &'a [Proposed],
    pub contacts: &'a [Listed],
    /// What is known of the organisations; without it the directory proposes nobody.
    pub house: Option<&'a House>,
    /// The district of the child's home, and where the child died and was born.
    pub wanted: Wanted<'a>,
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

    /// The agencies that the circumstances speak for, each with the best known contact, and what puts that contact before
    /// others.
    fn by_rule(&self, defaults: &Defaults<'_>) -> Vec<(Row, Option<Stood>)> {
        let row = |rule: &Proposed| {
            let row = Row {
                professional_type: rule.professional_type.clone().unwrap_or_default(),
                reason: rule.reason.clone(),
                ..defaults.row("rule", &rule.agency)
            };
            let wanted = Wanted {
                agency: &rule.agency,
                professional_type: rule.professional_type.as_deref(),
                ..self.wanted
            };
            let house = self.house;
            match house.and_then(|house| best(house, self.contacts, &wanted)) {
                Some((one, stood)) => (filled(row, one), stood),
                None => (row, None),
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
    for (more, stood) in beside.by_rule(defaults) {
        let asked_already = asked.iter().any(|r| is_open(r) && r.agency == more.agency);
        match rows.iter_mut().find(|row| row.agency == more.agency) {
            // Whom the notification names comes before whom the directory knows.
            Some(row) => row.reason = more.reason,
            None if asked_already => {}
            None => rows.push(Row {
                reason: match stood {
                    Some(stood) => format!("{} {}", more.reason, stood.words()),
                    None => more.reason,
                },
                ..more
            }),
        }
    }
    if let Some(found) = beside.looked_up(defaults) {
        rows.retain(|row| !same(row, &found));
        rows.insert(0, found);
    }
    // An agency whose request is with somebody whom nobody named, as when it was handed on, is not asked anew by oversight.
    let unnamed = |r: &&Request| is_open(r) && !rows.iter().any(|row| concerns(row, r));
    let elsewhere: BTreeSet<&str> = asked
        .iter()
        .filter(unnamed)
        .map(|request| request.agency.as_str())
        .collect();
    for row in rows.iter_mut().filter(|row| row.from != "directory") {
        row.chosen &= !elsewhere.contains(row.agency.as_str());
    }
    // Who answered is proposed no more, but may be looked up and asked for another form.
    let done = |row: &Row, r: &Request| !row.contact.is_empty() && is_closed(r);
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
