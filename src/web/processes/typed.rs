//! What is typed on the pages of one process: reading it, giving it back, and comparing it with what somebody else
//! saved meanwhile. Must not judge it.

use chrono::NaiveDate;
use serde_json::Value;

use crate::casework::processes::{End, Given};
use crate::domain::form::Problem;
use crate::domain::process::{Held, Holds, Kind};
use crate::store::processes::Process;
use crate::web::Post;
use crate::web::dated::{boxes, day};

/// The dates of the page, each with the words for it.
const DATES: &[(&str, &str)] = &[
    ("began_on", "The day it began"),
    ("step_on", "The day of the step"),
    ("checked_on", "The day it was last checked"),
    ("next_check", "The day of the next check"),
    ("expected_end", "The expected end"),
    ("over_on", "The day it ended"),
];

/// What was posted of a process.
pub fn given(post: &Post) -> Given {
    let mut problems = Vec::new();
    let mut date = |name: &str| {
        let label = DATES.iter().find(|(n, _)| *n == name).map_or(name, |d| d.1);
        day(post, name, label, &mut problems)
    };
    let (began_on, step_on, checked_on) = (date("began_on"), date("step_on"), date("checked_on"));
    let (next_check, expected_end) = (date("next_check"), date("expected_end"));
    let over_on = date("over_on");
    let text = |name: &str| post.text(name).to_owned();
    Given {
        state: post.text("state").parse().ok(),
        holds: Holds::of(&held(post)),
        reference: text("reference"),
        lead_body: text("lead_body"),
        began_on,
        step_on,
        checked_on,
        next_check,
        expected_end,
        over_on,
        document: text("document"),
        outcome: text("outcome"),
        note: text("note"),
        problems,
    }
}

fn held(post: &Post) -> Vec<Held> {
    let all = post.all("holds");
    all.iter().filter_map(|code| code.parse().ok()).collect()
}

/// What was posted of a process's end.
pub fn end(post: &Post) -> End {
    let mut problems = Vec::new();
    let over_on = day(post, "over_on", "The day it ended", &mut problems);
    End {
        state: post.text("state").parse().ok(),
        over_on,
        outcome: post.text("outcome").to_owned(),
        document: post.text("document").to_owned(),
        problems,
    }
}

/// The boxes of the page: as they were typed, or as the process stands.
pub fn filled(post: Option<&Post>, row: Option<&Process>, kind: &Kind) -> Value {
    let text = |name: &str, held: Option<String>| match post {
        Some(post) => post.text(name).to_owned(),
        None => held.unwrap_or_default(),
    };
    let of = |pick: fn(&Process) -> Option<String>| row.and_then(pick);
    let date = |name: &str, pick: fn(&Process) -> Option<NaiveDate>| {
        boxes(post, name, row.and_then(pick).filter(|_| post.is_none()))
    };
    let holds: Vec<&str> = match (post, row) {
        (Some(post), _) => held(post).iter().map(|h| h.as_str()).collect(),
        (None, Some(row)) => codes(Holds {
            meeting: row.holds_meeting,
            panel: row.holds_panel,
        }),
        (None, None) => codes(kind.holds),
    };
    let state = match (post, row) {
        (Some(post), _) => post.text("state").to_owned(),
        (None, Some(row)) => row.state.clone(),
        (None, None) => "under_way".to_owned(),
    };
    context! {
        state, holds, reference => text("reference", of(|p| p.reference.clone())),
        lead_body => text("lead_body", of(|p| p.lead_body.clone())), note => text("note", of(|p| p.note.clone())),
        outcome => text("outcome", of(|p| p.outcome.clone())),
        document => text("document", of(|p| p.document.map(|n| n.to_string()))),
        began_on => date("began_on", |p| p.began_on), step_on => date("step_on", |p| p.step_on),
        checked_on => date("checked_on", |p| p.checked_on), next_check => date("next_check", |p| p.next_check),
        expected_end => date("expected_end", |p| p.expected_end), over_on => date("over_on", |p| p.over_on),
    }
}

fn codes(holds: Holds) -> Vec<&'static str> {
    Held::ALL
        .iter()
        .filter(|held| holds.holds(**held))
        .map(|held| held.as_str())
        .collect()
}

/// Problems for the summary, each leading to the first box it is about, and by field.
pub fn said(problems: &[Problem]) -> (Option<Vec<Value>>, Value) {
    let (_, at) = crate::web::said::said(problems);
    let list: Vec<Value> = problems
        .iter()
        .map(|p| {
            let dated = DATES.iter().any(|(name, _)| *name == p.field);
            let part = if dated { "-day" } else { "" };
            context! { text => &p.message, href => format!("#{}{part}", p.field) }
        })
        .collect();
    ((!list.is_empty()).then_some(list), at)
}

/// Where what was typed differs from what was saved meanwhile: the question, what was typed, what was saved.
pub fn differences(given: &Given, row: &Process) -> Vec<(String, String, String)> {
    let typed = |text: &str| text.trim().to_owned();
    let kept = |text: &Option<String>| text.clone().unwrap_or_default();
    let date = |day: Option<NaiveDate>| {
        day.map(|day| day.format("%-d %B %Y").to_string())
            .unwrap_or_default()
    };
    let state = row
        .state
        .parse::<crate::domain::process::State>()
        .map_or("", |s| s.label());
    let holds = Holds {
        meeting: row.holds_meeting,
        panel: row.holds_panel,
    };
    let words = |holds: Holds| holds.words().unwrap_or("Nothing").to_owned();
    let document = row.document.map(|n| n.to_string()).unwrap_or_default();
    [
        (
            "State",
            given.state.map_or(state, |s| s.label()).to_owned(),
            state.to_owned(),
        ),
        ("What it holds", words(given.holds), words(holds)),
        ("Reference", typed(&given.reference), kept(&row.reference)),
        ("Lead body", typed(&given.lead_body), kept(&row.lead_body)),
        ("Began", date(given.began_on), date(row.began_on)),
        ("Day of the step", date(given.step_on), date(row.step_on)),
        ("Last checked", date(given.checked_on), date(row.checked_on)),
        ("Next check", date(given.next_check), date(row.next_check)),
        (
            "Expected end",
            date(given.expected_end),
            date(row.expected_end),
        ),
        ("Ended", date(given.over_on), date(row.over_on)),
        ("Outcome", typed(&given.outcome), kept(&row.outcome)),
        ("Document", typed(&given.document), document),
        ("Note", typed(&given.note), kept(&row.note)),
    ]
    .into_iter()
    .filter(|(_, typed, kept)| typed != kept)
    .map(|(label, typed, kept)| (label.to_owned(), typed, kept))
    .collect()
}
