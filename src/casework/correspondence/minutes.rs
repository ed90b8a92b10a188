//! The minutes of a meeting as a file: who was there, what was said, what was agreed. Must not know who may read a
//! meeting (`meetings::reach` does).

use super::values::{day, of_meeting, of_team};
use super::{Sheet, leave, panel};
use crate::casework::meetings::{self, stored_minutes};
use crate::casework::{Context, Error, Outcome, actions};
use crate::domain::letter::{Block, Hole, Kind, Template, Values};
use crate::domain::meeting::Attendance;
use crate::domain::permission::Verb;
use crate::store::actions as store;
use crate::store::meetings::{Invited, Meeting, people_of};
use crate::store::{Conn, Tx};

/// Writes the minutes of a meeting. That they were written is recorded before anything of them leaves.
pub fn minutes(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<Sheet> {
    if let Some(row) = panel::kept_or_read(tx.conn(), ctx, id)? {
        return panel::minutes(tx, ctx, &row);
    }
    let (row, case, _) = meetings::reach(tx.conn(), ctx, id, Verb::ReadCase)?;
    let mut values = of_team(ctx, &case.reference);
    of_meeting(&row, &mut values)?;
    there(tx.conn(), id, &mut values)?;
    let said = written(ctx, &row)?.into_iter();
    let parts = said
        .flat_map(|(label, text)| [Block::of(Kind::Heading, label), Block::of(Kind::Text, text)]);
    values.put_blocks(Hole::Minutes, parts.collect());
    let agreed = agreed(tx.conn(), &case.id, id)?;
    put_agreed(
        agreed
            .into_iter()
            .map(|words| Block::of(Kind::Point, words)),
        &mut values,
    );
    leave(tx, ctx, Some(&case.id), None, template(ctx)?, &values)
}

pub(super) fn template(ctx: &Context) -> Outcome<&Template> {
    let missing = || Error::Internal("no template is for minutes".into());
    ctx.house.letters.minutes().ok_or_else(missing)
}

/// Who was there and who sent apologies.
pub(super) fn there(conn: &mut Conn, id: &str, values: &mut Values) -> Outcome<()> {
    let people = people_of(conn, id)?;
    values.put_blocks(Hole::People, people.iter().filter_map(person).collect());
    Ok(())
}

/// The parts of the minutes that hold something, each with its heading.
pub(super) fn written(ctx: &Context, row: &Meeting) -> Outcome<Vec<(String, String)>> {
    let said = stored_minutes(row);
    let outline = ctx.house.outlines.of(meetings::purpose_of(row)?);
    let parts = outline.filter_map(|part| {
        let text = said.get(&part.code).filter(|text| !text.is_empty())?;
        Some((part.label.clone(), part.shown(text).to_owned()))
    });
    Ok(parts.collect())
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

/// What was agreed at a meeting about a case, who does it and by when, each in one line.
pub(super) fn agreed(conn: &mut Conn, case_id: &str, meeting: &str) -> Outcome<Vec<String>> {
    let all = store::of_case(conn, case_id)?;
    let own = all
        .iter()
        .filter(|row| row.meeting_id.as_deref() == Some(meeting));
    let lines = own.map(|row| {
        let said = actions::said_of(row);
        let word = |name: &str| said.get(name).map_or("", String::as_str);
        format!(
            "{} Who: {}. By: {}.",
            word("what"),
            word("owner"),
            day(row.due_on)
        )
    });
    Ok(lines.collect())
}

pub(super) fn put_agreed(blocks: impl Iterator<Item = Block>, values: &mut Values) {
    let blocks: Vec<Block> = blocks.collect();
    if blocks.is_empty() {
        values.put(Hole::Actions, "None is recorded.");
    }
    values.put_blocks(Hole::Actions, blocks);
}
