//! What fills the holes of a letter. What one parent must not learn of another never comes near a letter to them. Must not
//! know which template asks for what, nor who may write it.

use chrono::NaiveDate;

use super::Choice;
use crate::casework::family::{self, Entry};
use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome, actions, meetings, naming};
use crate::domain::calendar::london;
use crate::domain::family::{Asked, Part, for_addressee, is_kept_apart, is_over};
use crate::domain::letter::{About, Block, Hole, Kind, Piece, Template, Values};
use crate::domain::meeting::{Purpose, State};
use crate::store::cases::Case;
use crate::store::meetings::Meeting;
use crate::store::{Conn, actions as store, meetings as held};

/// Everything that is known for a letter from this template, about what was chosen.
pub fn of(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    template: &Template,
    choice: Option<&Choice>,
) -> Outcome<Values> {
    let mut values = of_team(ctx, &case.reference);
    if template.to.takes(Hole::ChildName) {
        of_child(conn, ctx, case, &mut values)?;
    }
    let Some(choice) = choice else {
        return Ok(values);
    };
    match template.to.about() {
        About::Person => of_family(conn, ctx, case, &choice.id, &mut values)?,
        About::Recommendation => {
            if let Some(row) = store::get(conn, &choice.id)? {
                let said = actions::said_of(&row);
                let word = |name: &str| said.get(name).cloned().unwrap_or_default();
                values.put(Hole::Addressee, word("owner"));
                for (hole, name) in [
                    (Hole::Recommendation, "what"),
                    (Hole::Problem, "problem"),
                    (Hole::Measure, "measure"),
                ] {
                    // It goes to another body, which knows the case by its reference alone.
                    if naming::gives_away_family(conn, ctx, case, &word(name))? {
                        values.put_blocks(hole, vec![left_out(Kind::Text)]);
                    } else {
                        values.put(hole, word(name));
                    }
                }
                values.put(Hole::Due, day(row.due_on));
            }
        }
        About::Meeting => {
            if let Some(row) = held::get(conn, &choice.id)? {
                of_meeting(&row, &mut values)?;
            }
        }
        About::Nothing => {}
    }
    Ok(values)
}

/// What stands in the place of words that name a child or a family.
pub(super) fn left_out(kind: Kind) -> Block {
    Block {
        kind,
        pieces: vec![Piece {
            text: "[left out here: it names a child or a family; word it without]".to_owned(),
            gap: true,
        }],
    }
}

pub(super) fn of_team(ctx: &Context, reference: &str) -> Values {
    let area = &ctx.house.area;
    let mut values = Values::default();
    values.put(Hole::DateToday, day(ctx.today()));
    values.put(Hole::Reference, reference);
    values.put(Hole::Team, &area.team);
    values.put(Hole::Telephone, &area.telephone);
    values.put(Hole::TelephoneHours, &area.telephone_hours);
    values.put(Hole::TeamEmail, &area.email);
    values.put(Hole::Coroner, &area.coroner);
    values.put(Hole::Sender, ctx.actor.label());
    values
}

pub(super) fn of_meeting(row: &Meeting, values: &mut Values) -> Outcome<()> {
    values.put(Hole::Meeting, meetings::purpose_of(row)?.label());
    let when = crate::casework::letters::when(row.starts_at, row.minutes_long);
    values.put(Hole::MeetingWhen, when);
    values.put(Hole::MeetingPlace, &row.place);
    Ok(())
}

/// Who the child was. A key worker, who reads no form, knows the child's name from the head of the case.
fn of_child(conn: &mut Conn, ctx: &Context, case: &Case, values: &mut Values) -> Outcome<()> {
    let known = Picture::load(conn, ctx, &case.id)?;
    let names = known
        .answers("notification")
        .and_then(|n| n.text("child_forenames"));
    let first = names.and_then(|names| names.split_whitespace().next());
    values.put(Hole::ChildFirstName, first.unwrap_or_default());
    values.put(Hole::ChildName, &case.display_name);
    values.put(
        Hole::DateOfBirth,
        case.date_of_birth.map(day).unwrap_or_default(),
    );
    values.put(Hole::DateOfDeath, day(case.date_of_death));
    let entries = family::of_case(conn, ctx, case)?;
    let worker = entries
        .iter()
        .find(|e| e.part == Part::KeyWorker && !is_over(&e.state));
    for (hole, name) in [
        (Hole::KeyWorker, "name"),
        (Hole::KeyWorkerContact, "contact"),
    ] {
        let said = worker.and_then(|e| e.said.get(name));
        values.put(hole, said.cloned().unwrap_or_default());
    }
    Ok(())
}

fn of_family(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    id: &str,
    values: &mut Values,
) -> Outcome<()> {
    let entries = family::of_case(conn, ctx, case)?;
    let own = entries.iter().find(|e| e.id == id);
    for (hole, name) in [
        (Hole::Addressee, "name"),
        (Hole::AddresseeAddress, "address"),
    ] {
        let said = own.and_then(|e| e.said.get(name));
        values.put(hole, said.cloned().unwrap_or_default());
    }
    values.put(Hole::OthersWrittenTo, others(id, &entries));
    values.put_blocks(Hole::Questions, questions(id, &entries));
    let all = held::of_case(conn, &case.id)?;
    let review = all.iter().find(|row| {
        row.purpose == Purpose::Review.as_str() && row.state == State::Planned.as_str()
    });
    let on = review.map(|row| day(london(row.starts_at.and_utc()).date()));
    values.put(Hole::ReviewMeeting, on.unwrap_or_default());
    Ok(())
}

/// The names of the others, and nothing of where they are. Where one of them is kept apart even the name is left to the
/// writer: a name can lead to a place.
fn others(id: &str, entries: &[Entry]) -> String {
    let others: Vec<&Entry> = entries
        .iter()
        .filter(|e| e.part == Part::People && e.id != id)
        .collect();
    if others.iter().any(|e| is_kept_apart(&e.said)) {
        return String::new();
    }
    let names: Vec<String> = others
        .iter()
        .filter_map(|e| for_addressee(&e.said).remove("name"))
        .collect();
    if names.is_empty() {
        "nobody else".to_owned()
    } else {
        names.join(", ")
    }
}

/// The questions of this person with what can be told; another's question is not theirs to read.
fn questions(id: &str, entries: &[Entry]) -> Vec<Block> {
    let own = entries
        .iter()
        .filter(|e| e.part == Part::Questions && e.said.get("who").is_some_and(|who| who == id));
    own.flat_map(|e| {
        let word = |name: &str| e.said.get(name).cloned();
        let answer = match e.state.parse() {
            Ok(Asked::Answered | Asked::Told) => word("answer"),
            Ok(Asked::Explained) => word("explanation"),
            _ => None,
        };
        let answer = answer.unwrap_or_else(|| "We cannot answer this yet.".to_owned());
        [
            Block::of(Kind::Heading, word("words").unwrap_or_default()),
            Block::of(Kind::Text, answer),
        ]
    })
    .collect()
}

pub(super) fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
