//! Whether what was said of one will do: what is asked of its kind, its day, and the address of its owner, which is none of
//! the child's family; and whether it names them.

use chrono::NaiveDate;

use super::Given;
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, naming};
use crate::domain::action::{Kind, Said, problems, questions};
use crate::domain::family::{Part, Said as Known};
use crate::domain::form::Problem;
use crate::store::cases::Case;
use crate::store::{Conn, family, merges};

pub(super) fn tidy(kind: Kind, said: Said) -> Said {
    let asked = |name: &str| questions(kind).iter().any(|(n, ..)| *n == name);
    said.into_iter()
        .filter(|(name, _)| asked(name))
        .map(|(name, text)| (name, text.replace("\r\n", "\n").trim().to_owned()))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

pub(super) fn owner_of(said: &Said) -> &str {
    said.get("owner_email").map_or("", String::as_str)
}

/// What a line of the family says of professionals.
const OF_OTHERS: [&str; 3] = ["referred_to", "how_known", "support_what"];

/// Whether an address stands on a line of the family, of the case or of one read with it. Reminders of an action go to its owner, and no mail of
/// this service goes to a family.
pub(in crate::casework) fn is_of_family(
    conn: &mut Conn,
    case_id: &str,
    email: &str,
) -> Outcome<bool> {
    let owner = email.trim().to_lowercase();
    if owner.is_empty() {
        return Ok(false);
    }
    let mut lines = Vec::new();
    for id in merges::together(conn, case_id)? {
        lines.extend(family::of_case(conn, &id)?);
    }
    let mut of_family = lines
        .iter()
        .filter(|line| matches!(line.part.parse(), Ok(Part::People | Part::Others)));
    Ok(of_family.any(|line| {
        let known: Known = serde_json::from_str(&line.body).unwrap_or_default();
        // An address may stand with others on one line, or among other words.
        let own = known
            .iter()
            .filter(|(name, _)| !OF_OTHERS.contains(&name.as_str()));
        own.map(|(_, text)| text).any(|text| {
            let text = text.to_lowercase();
            let parts = text.split(|c: char| c.is_whitespace() || ",;<>()\"".contains(c));
            let mut parts =
                parts.map(|part| part.trim_end_matches('.').trim_start_matches("mailto:"));
            parts.any(|part| part == owner)
        })
    }))
}

/// What of a recommendation is written to the person who must act.
const WRITTEN: [&str; 3] = ["problem", "what", "measure"];

/// Answers of a recommendation that name the child or the family.
pub(super) fn naming_family(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    (kind, said): (Kind, &Said),
) -> Outcome<Vec<Problem>> {
    let mut found = Vec::new();
    for name in WRITTEN.iter().filter(|_| kind == Kind::Recommendation) {
        let text = said.get(*name).map_or("", String::as_str);
        if !text.is_empty() && naming::gives_away_family(conn, ctx, case, text)? {
            let words = "This stands in the letter to whoever must act, and it names the child or the family, or says where they live. Write it without";
            found.push(problem(name, "identity", words));
        }
    }
    Ok(found)
}

pub(super) fn judge(
    ctx: &Context,
    kind: Kind,
    said: &Said,
    given: &Given,
    (set_on, of_family, naming): (NaiveDate, bool, Vec<Problem>),
) -> Outcome<NaiveDate> {
    let mut found = given.problems.clone();
    found.extend(naming);
    for wrong in problems(kind, said, given.confirmed) {
        if found.iter().all(|p| p.field != wrong.field) {
            found.push(wrong);
        }
    }
    let email = owner_of(said);
    if !email.is_empty() && !validator::ValidateEmail::validate_email(&email) {
        let words = "Enter an email address in the right form, such as name@example.nhs.uk";
        found.push(problem("owner_email", "email", words));
    } else if of_family {
        let words = "This is an address of the child’s family, and no mail of this service goes to a family. Enter the address of whoever must act";
        found.push(problem("owner_email", "family", words));
    }
    let unread = found.iter().any(|p| p.field == "due_on");
    match given.due_on {
        None if !unread => found.push(problem(
            "due_on",
            "required",
            "Enter the day by which it is done",
        )),
        Some(day) if day < set_on => {
            found.push(problem(
                "due_on",
                "before",
                "The day must not be before the day on which it was set",
            ));
        }
        Some(day) if day > ctx.today() + chrono::Duration::days(3_660) => {
            found.push(problem("due_on", "far", "The day must be within ten years"));
        }
        _ => {}
    }
    match given.due_on {
        Some(due) if found.is_empty() => Ok(due),
        _ => Err(Error::Invalid(found)),
    }
}
