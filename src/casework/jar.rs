//! What other parts of a case say on the form of the joint agency response and the review meeting: the post-mortem
//! examination beside the review, the family's part, and what the review meeting agreed on. What staff typed there stays.
//! Must not know how any of these is recorded.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Context, Outcome, response};
use crate::domain::action::{Kind as ActionKind, Said, State as ActionState};
use crate::domain::case::State as CaseState;
use crate::domain::family::{Part, Said as FamilySaid, is_over};
use crate::domain::fill::Filled;
use crate::domain::form::{Answer, Dictionary};
use crate::domain::meeting::{Purpose, State as MeetingState};
use crate::domain::process::{Days, State};
use crate::store::cases::{self, Case};
use crate::store::{Tx, actions, family, meetings, processes};

const FORM: &str = "cdrm_jar";
/// The kind of process that the form asks about.
const POST_MORTEM: &str = "post_mortem";

fn filled<const N: usize>(all: [(&str, Option<Answer>); N]) -> Vec<Filled> {
    let one = |(field, answer): (&str, Option<Answer>)| Filled {
        form: FORM.to_owned(),
        field: field.to_owned(),
        answer,
    };
    all.into_iter().map(one).collect()
}

/// The record of a case that is finalised, or has ended here, is not changed any more.
fn is_open(case: &Case) -> bool {
    case.state
        .parse::<CaseState>()
        .is_ok_and(CaseState::is_editable)
}

/// A process changed: of a post-mortem examination the form takes when it was and when its report was there.
pub fn process_says(tx: &mut Tx<'_>, ctx: &Context, case: &Case, kind: &str) -> Outcome<()> {
    if kind != POST_MORTEM || !is_open(case) {
        return Ok(());
    }
    let rows = processes::of_case(tx.conn(), &case.id)?;
    let all: Vec<Days> = rows
        .iter()
        .filter(|row| row.kind == POST_MORTEM)
        .filter_map(|row| {
            Some(Days {
                state: row.state.parse().ok()?,
                began: row.began_on,
                step: row.step_on,
                over: row.over_on,
            })
        })
        .collect();
    let days = Days::together(&all);
    let ran = days.state.goes_on() || days.state == State::Concluded;
    let on = |day: Option<NaiveDate>, so: bool| day.filter(|_| so).map(Answer::Date);
    let all = filled([
        ("pm_date", on(days.began, ran)),
        (
            "final_pm_date",
            on(days.over, days.state == State::Concluded),
        ),
    ]);
    response::put(tx, ctx, case, POST_MORTEM, &all)
}

/// The family's part changed: the form takes the key worker and the family's questions.
pub fn family_says(tx: &mut Tx<'_>, ctx: &Context, case: &Case) -> Outcome<()> {
    if !is_open(case) {
        return Ok(());
    }
    let (mut worker, mut questions) = (None, Vec::new());
    for line in family::of_case(tx.conn(), &case.id)? {
        let mut said: FamilySaid = serde_json::from_str(&line.body).unwrap_or_default();
        match line.part.parse() {
            Ok(Part::KeyWorker) if !is_over(&line.state) => {
                let named = ["name", "organisation"].map(|name| said.remove(name));
                worker = Some(named.into_iter().flatten().collect::<Vec<_>>().join(", "));
            }
            Ok(Part::Questions) => questions.extend(said.remove("words")),
            _ => {}
        }
    }
    let questions = (!questions.is_empty()).then(|| Answer::Text(questions.join("\n")));
    let all = filled([
        ("keyworker", worker.map(Answer::Text)),
        ("family_questions", questions),
    ]);
    response::put(tx, ctx, case, response::FAMILY, &all)
}

/// What is to be done changed: the form takes what the first review meeting that was held agreed on.
pub fn actions_say(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<()> {
    let Some(case) = cases::get(tx.conn(), case_id)?.filter(is_open) else {
        return Ok(());
    };
    let held = meetings::of_case(tx.conn(), case_id)?
        .into_iter()
        .filter(|row| row.purpose == Purpose::Review.as_str())
        .filter(|row| row.state == MeetingState::Held.as_str())
        .min_by_key(|row| row.starts_at);
    let Some(held) = held else {
        return Ok(());
    };
    let rows: Vec<BTreeMap<String, Answer>> = actions::of_case(tx.conn(), case_id)?
        .into_iter()
        .filter(|row| row.meeting_id.as_ref() == Some(&held.id))
        .filter(|row| row.kind == ActionKind::Action.as_str())
        .filter(|row| row.state != ActionState::Withdrawn.as_str())
        .map(|row| {
            let mut said: Said = serde_json::from_str(&row.body).unwrap_or_default();
            let mut text = |name: &str| said.remove(name).map(Answer::Text);
            [
                ("action", text("what")),
                ("owner", text("owner")),
                ("due", Some(Answer::Date(row.due_on))),
            ]
            .into_iter()
            .filter_map(|(name, answer)| Some((name.to_owned(), answer?)))
            .collect()
        })
        .collect();
    let rows = (!rows.is_empty()).then_some(Answer::Rows(rows));
    let all = filled([("actions_agreed", rows)]);
    response::put(tx, ctx, &case, "actions", &all)
}

/// What each agency told a response meeting, as the table of the form has it. A line that begins with an agency and a colon
/// begins what that agency told.
pub fn shared(dict: &Dictionary, text: &str) -> Option<Answer> {
    let mut rows: Vec<(Option<String>, String)> = Vec::new();
    for line in text.lines() {
        let told = line.split_once(':').and_then(|(agency, told)| {
            let folded = |text: &str| text.trim().to_lowercase().replace('’', "'");
            let all = dict.codes("agency").iter();
            let mut known = all.filter(|code| folded(&code.label) == folded(agency));
            Some((known.next()?.code.clone(), told.trim().to_owned()))
        });
        match (told, rows.last_mut()) {
            (Some((agency, told)), _) => rows.push((Some(agency), told)),
            (None, Some((_, summary))) => {
                summary.push('\n');
                summary.push_str(line);
            }
            (None, None) => rows.push((None, line.to_owned())),
        }
    }
    let rows: Vec<BTreeMap<String, Answer>> = rows
        .into_iter()
        .map(|(agency, summary)| {
            let summary = summary.trim();
            let mut row = BTreeMap::new();
            if let Some(agency) = agency {
                row.insert("agency".to_owned(), Answer::Choice(agency));
            }
            if !summary.is_empty() {
                row.insert("summary".to_owned(), Answer::Text(summary.to_owned()));
            }
            row
        })
        .filter(|row| !row.is_empty())
        .collect();
    (!rows.is_empty()).then_some(Answer::Rows(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::library;

    #[test]
    fn what_was_shared_is_told_agency_by_agency() {
        let text = "All were there.\n\nPolice: Nothing known: no calls.\nThey will look again.\nA plan: none.\neducation:\n";
        let library = library();
        let Some(Answer::Rows(rows)) = shared(library.current(), text) else {
            panic!("no rows");
        };
        let told: Vec<(Option<Answer>, Option<Answer>)> = rows
            .into_iter()
            .map(|mut row| (row.remove("agency"), row.remove("summary")))
            .collect();
        let words = |text: &str| Some(Answer::Text(text.to_owned()));
        assert_eq!(told[0], (None, words("All were there.")));
        assert_eq!(told[1].0, Some(Answer::Choice("police".into())));
        assert_eq!(
            told[1].1,
            words("Nothing known: no calls.\nThey will look again.\nA plan: none.\neducation:")
        );
        assert_eq!(shared(library.current(), " \n"), None);
    }
}
