//! What a panel itself knows of an item and the analysis asks: who was there, for which agencies, who declared which
//! interest, and the quorum. It is filled in where nobody typed it. Must not know what the panel judged.

use std::collections::BTreeMap;

use super::interests::{AtItem, at_item, quorum};
use crate::casework::{Context, Outcome, response};
use crate::domain::calendar::london;
use crate::domain::fill::Filled;
use crate::domain::form::Answer;
use crate::domain::meeting::Attendance;
use crate::domain::panel::Interest;
use crate::store::cases::Case;
use crate::store::meetings::Meeting;
use crate::store::panels::Item;
use crate::store::{Tx, records};

const FORM: &str = "analysis";
/// What the record's sources call it.
const PART: &str = "panel";

/// Fills in what the panel knows, where there is an analysis: this alone is no draft.
pub(super) fn fill(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Meeting,
    item: &Item,
    case: &Case,
) -> Outcome<()> {
    if records::get(tx.conn(), &case.id, FORM)?.is_none() {
        return Ok(());
    }
    let people = at_item(tx.conn(), ctx, row, item)?;
    let day = london(row.starts_at.and_utc()).date();
    let all = [
        ("date_of_review", Some(Answer::Date(day))),
        ("panel_chair", chair(&people)),
        ("agencies_represented", represented(ctx, &people)),
        ("attendees", attendees(&people)),
        (
            "conflicts_declared",
            Some(Answer::Text(interests(ctx, &people))),
        ),
    ];
    let filled = all.map(|(field, answer)| Filled {
        form: FORM.to_owned(),
        field: field.to_owned(),
        answer,
    });
    response::put(tx, ctx, case, PART, &filled)
}

fn was_there(person: &AtItem) -> bool {
    person.person.attendance == Attendance::Attended.as_str()
}

fn chair(people: &[AtItem]) -> Option<Answer> {
    let chair = people.iter().find(|p| p.chaired)?;
    Some(Answer::Text(chair.person.name.clone()))
}

fn represented(ctx: &Context, people: &[AtItem]) -> Option<Answer> {
    let there = people.iter().filter(|p| was_there(p));
    let agencies: Vec<&str> = there.filter_map(|p| p.person.agency.as_deref()).collect();
    let boxes = ctx.house.represented.boxes(&agencies);
    (!boxes.is_empty()).then_some(Answer::Choices(boxes))
}

fn attendees(people: &[AtItem]) -> Option<Answer> {
    let away = Attendance::Apologies.as_str();
    let named = people
        .iter()
        .filter(|p| was_there(p) || p.person.attendance == away);
    let rows: Vec<BTreeMap<String, Answer>> = named
        .map(|p| {
            let mut row = BTreeMap::from([
                ("name".to_owned(), Answer::Text(p.person.name.clone())),
                ("role".to_owned(), Answer::Text(p.person.role.clone())),
                ("apologies".to_owned(), Answer::Boolean(!was_there(p))),
            ]);
            if let Some(agency) = &p.person.agency {
                row.insert("agency".to_owned(), Answer::Choice(agency.clone()));
            }
            row
        })
        .collect();
    (!rows.is_empty()).then_some(Answer::Rows(rows))
}

/// Interests of those who were there, and the quorum that follows from them, in words.
fn interests(ctx: &Context, people: &[AtItem]) -> String {
    let dict = ctx.house.dictionary();
    let mut lines = Vec::new();
    let mut silent = 0;
    for person in people.iter().filter(|p| was_there(p)) {
        match person.interest {
            None => silent += 1,
            Some(interest) if interest.conflicts() => {
                let agency = person.person.agency.as_deref();
                let agency = agency.and_then(|code| dict.label("agency", code));
                let stays = match (interest, person.declared.as_ref().and_then(|d| d.stays)) {
                    (Interest::Personal, _) | (_, Some(false)) => "left for this case",
                    (_, Some(true)) => "stayed, as the chair decided",
                    (_, None) => "stayed, without a say on what could have been otherwise",
                };
                let name = &person.person.name;
                let of = agency.map_or_else(String::new, |agency| format!(" ({agency})"));
                lines.push(format!("{name}{of}: {}; {stays}.", interest.of_another()));
            }
            Some(_) => {}
        }
    }
    if lines.is_empty() {
        lines.push("No interest was declared.".to_owned());
    }
    match silent {
        0 => {}
        1 => lines.push("One person who was there did not declare.".to_owned()),
        some => lines.push(format!("{some} people who were there did not declare.")),
    }
    let stands = quorum(ctx, people);
    lines.push(if stands.is_met() {
        "Quorate for this case.".to_owned()
    } else {
        let missing = stands.missing().join("; ").to_lowercase();
        format!("Not quorate for this case. Missing: {missing}.")
    });
    lines.join("\n")
}
