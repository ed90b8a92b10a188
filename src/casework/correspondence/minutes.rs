//! The minutes of a meeting as a file: who was there, what was said, what was agreed. Must not know who may read a
//! meeting (`meetings::reach` does).

use super::values::{day, of_meeting, of_team};
use super::{Sheet, leave};
use crate::casework::meetings::{self, stored_minutes};
use crate::casework::{Context, Error, Outcome, actions};
use crate::domain::letter::{Block, Hole, Kind, Values};
use crate::domain::meeting::Attendance;
use crate::domain::permission::Verb;
use crate::store::actions as store;
use crate::store::meetings::{Invited, people_of};
use crate::store::{Conn, Tx};

/// Writes the minutes of a meeting. That they were written is recorded before anything of them leaves.
pub fn minutes(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<Sheet> {
    let (row, case, _) = meetings::reach(tx.conn(), ctx, id, Verb::ReadCase)?;
    let missing = || Error::Internal("no template is for minutes".into());
    let template = ctx.house.letters.minutes().ok_or_else(missing)?;
    let mut values = of_team(ctx, &case);
    of_meeting(&row, &mut values)?;
    let people = people_of(tx.conn(), id)?;
    values.put_blocks(Hole::People, people.iter().filter_map(person).collect());
    let said = stored_minutes(&row);
    let outline = ctx.house.outlines.of(meetings::purpose_of(&row)?);
    let parts = outline.filter_map(|part| {
        let text = said.get(&part.code)?;
        Some([
            Block::of(Kind::Heading, &part.label),
            Block::of(Kind::Text, text),
        ])
    });
    values.put_blocks(Hole::Minutes, parts.flatten().collect());
    agreed(tx.conn(), &case.id, id, &mut values)?;
    leave(tx, ctx, &case, template, &values)
}

/// Somebody who was there or sent apologies.
fn person(row: &Invited) -> Option<Block> {
    let there = match row.attendance.parse() {
        Ok(Attendance::Attended) if row.is_chair => ", chair",
        Ok(Attendance::Attended) => "",
        Ok(Attendance::Apologies) => ", sent apologies",
        _ => return None,
    };
    let words = format!("{}, {}{there}", row.name, row.role);
    Some(Block::of(Kind::Point, words))
}

fn agreed(conn: &mut Conn, case_id: &str, meeting: &str, values: &mut Values) -> Outcome<()> {
    let all = store::of_case(conn, case_id)?;
    let own = all
        .iter()
        .filter(|row| row.meeting_id.as_deref() == Some(meeting));
    let blocks: Vec<Block> = own
        .map(|row| {
            let said = actions::said_of(row);
            let word = |name: &str| said.get(name).map_or("", String::as_str);
            let words = format!(
                "{} Who: {}. By: {}.",
                word("what"),
                word("owner"),
                day(row.due_on)
            );
            Block::of(Kind::Point, words)
        })
        .collect();
    if blocks.is_empty() {
        values.put(Hole::Actions, "None is recorded.");
    }
    values.put_blocks(Hole::Actions, blocks);
    Ok(())
}
