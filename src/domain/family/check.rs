//! Whether what was said on a line holds, all of it at once, and how far that brings it. Must not change it.

use chrono::NaiveDate;

use super::{Asked, Field, Kind, LEAFLET_OFFERED, Part, Safe, Said, fields, quiet};
use crate::domain::form::{Problem, Severity};

const LINE: usize = 200;
const LINES: usize = 5_000;

/// What surrounds a line that is checked.
pub struct Around<'a> {
    pub today: NaiveDate,
    /// Codes of the relationships that the forms list.
    pub relations: &'a [&'a str],
    /// Ids of the parents and carers of the case.
    pub people: &'a [&'a str],
    /// How far the line was before; none for a new one.
    pub before: Option<&'a str>,
}

struct Look<'a> {
    said: &'a Said,
    around: &'a Around<'a>,
    found: Vec<Problem>,
}

/// Everything wrong with a line.
pub fn problems(part: Part, said: &Said, around: &Around<'_>) -> Vec<Problem> {
    let mut look = Look {
        said,
        around,
        found: Vec::new(),
    };
    for field in fields(part) {
        look.field(field);
    }
    match part {
        Part::People => look.person(),
        Part::Others => look.other(),
        Part::Questions => look.question(),
        Part::Contacts => look.not_to_come("day", "The day"),
        Part::KeyWorker => look.key_worker(),
    }
    look.found
}

impl Look<'_> {
    fn say(&mut self, field: &str, rule: &str, message: &str) {
        self.found.push(Problem {
            field: field.to_owned(),
            row: None,
            column: None,
            rule: rule.to_owned(),
            severity: Severity::Stop,
            message: message.to_owned(),
        });
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.said.get(name).map(String::as_str)
    }

    fn day(&self, name: &str) -> Option<NaiveDate> {
        self.get(name)?.parse().ok()
    }

    fn needs(&mut self, name: &str, message: &str) {
        if self.get(name).is_none() {
            self.say(name, "required", message);
        }
    }

    fn field(&mut self, field: &Field) {
        let Some(text) = self.get(field.name) else {
            if field.required {
                let words = match field.kind {
                    Kind::One(_) | Kind::Relation | Kind::Person => "Choose an answer to",
                    _ => "Enter an answer to",
                };
                self.say(
                    field.name,
                    "required",
                    &format!("{words} “{}”", field.label),
                );
            }
            return;
        };
        let length = text.chars().count();
        let fits = match field.kind {
            Kind::Line => length <= LINE,
            Kind::Lines => length <= LINES,
            Kind::Days => {
                if let Err(line) = quiet::read(text) {
                    let words = format!(
                        "Line {line} is no date. Write one such as 4 5 2026, 24 12 2026 to 26 12 2026 or 9 2 each year"
                    );
                    self.say(field.name, "shape", &words);
                }
                return;
            }
            Kind::Day => text.parse::<NaiveDate>().is_ok(),
            Kind::One(codes) => codes.iter().any(|(code, _)| *code == text),
            Kind::Relation => self.around.relations.contains(&text),
            Kind::Person => self.around.people.contains(&text),
        };
        if !fits {
            let what = match field.kind {
                Kind::Line => "must have 200 characters or fewer",
                Kind::Lines => "must have 5,000 characters or fewer",
                Kind::Day => "must be a date",
                _ => "must be one of the answers on the page",
            };
            self.say(field.name, "shape", &format!("“{}” {what}", field.label));
        }
    }

    fn not_to_come(&mut self, name: &str, what: &str) {
        if self.day(name).is_some_and(|day| day > self.around.today) {
            self.say(
                name,
                "future",
                &format!("{what} must be today or in the past"),
            );
        }
    }

    fn person(&mut self) {
        self.not_to_come("leaflet_on", "The day of the leaflet");
        if matches!(self.get("leaflet"), Some("given" | "declined")) {
            self.needs(
                "leaflet_on",
                "Enter the day on which the leaflet was offered",
            );
        }
    }

    fn other(&mut self) {
        self.not_to_come("referred_on", "The day of the referral");
        if self.get("safe") == Some(Safe::Referred.as_str()) {
            self.needs("referred_to", "Say where they were referred to");
            self.needs("referred_on", "Enter the day on which they were referred");
        }
        if self.get("safe") == Some(Safe::Yes.as_str()) {
            self.needs("how_known", "Say how it is known that they are safe");
        }
    }

    fn question(&mut self) {
        self.not_to_come("asked_on", "The day they asked");
        self.not_to_come("told_on", "The day the family was told");
        let Some(state) = self.get("state").and_then(|s| s.parse::<Asked>().ok()) else {
            return;
        };
        let before = self.around.before.and_then(|s| s.parse::<Asked>().ok());
        let fits = match before {
            Some(before) => before == state || before.next().contains(&state),
            None => state == Asked::Asked || Asked::Asked.next().contains(&state),
        };
        if !fits {
            let was = before.unwrap_or(Asked::Asked);
            self.say(
                "state",
                "state",
                &format!("After “{was}” comes not “{state}”"),
            );
        }
        match state {
            Asked::Answered => self.needs("answer", "Write the answer"),
            Asked::Told => {
                self.needs("answer", "Write the answer");
                self.needs("told_on", "Enter the day on which the family was told");
            }
            Asked::Explained => self.needs("explanation", "Say why the question stays open"),
            _ => {}
        }
    }

    fn key_worker(&mut self) {
        self.not_to_come("named_on", "The day they were named");
        self.not_to_come("accepted_on", "The day they accepted");
        self.not_to_come("ended_on", "The day their work ended");
        if self.get("accepted") == Some("yes") {
            self.needs("accepted_on", "Enter the day on which they accepted");
        }
        if self.get("cover").is_some() {
            self.needs("cover_from", "Enter from when they are covered");
            self.needs("cover_to", "Enter until when they are covered");
        }
        if let (Some(from), Some(to)) = (self.day("cover_from"), self.day("cover_to"))
            && to < from
        {
            let words = "The last day of the cover must not be before the first";
            self.say("cover_to", "order", words);
        }
    }
}

/// How far a line is, as it is counted.
pub fn state_of(part: Part, said: &Said) -> &'static str {
    let get = |name: &str| said.get(name).map(String::as_str);
    match part {
        Part::People if matches!(get("leaflet"), Some("given" | "declined")) => LEAFLET_OFFERED,
        Part::People | Part::Contacts => "kept",
        Part::Others => get("safe")
            .and_then(|code| code.parse().ok())
            .unwrap_or(Safe::Unanswered)
            .as_str(),
        Part::Questions => get("state")
            .and_then(|code| code.parse().ok())
            .unwrap_or(Asked::Asked)
            .as_str(),
        Part::KeyWorker if get("ended_on").is_some() => "ended",
        Part::KeyWorker if get("accepted") == Some("yes") => "accepted",
        Part::KeyWorker if get("accepted") == Some("no") => "declined",
        Part::KeyWorker => "named",
    }
}
