//! The minutes of a panel as a file, and the letter that invites a member to one. Cases stand in them by their pack numbers:
//! words that could tell who a child was are left out, with a gap where they stood. Must not know who keeps a panel
//! (`panels::reach` does).

use super::minutes::{agreed, put_agreed, template, there, written};
use super::values::{day, left_out, of_meeting, of_team};
use super::{Sheet, leave};
use crate::casework::{Context, Error, Outcome, naming, panels};
use crate::domain::calendar::london;
use crate::domain::letter::{Block, Hole, Kind, Values};
use crate::domain::meeting::Purpose;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::cases::Case;
use crate::store::meetings::{self as rows, Meeting};
use crate::store::panels::{self as stored, Item};
use crate::store::{Conn, Tx};

/// A panel, for those who see its whole page. What is none, or not for them, is a matter of meetings about cases.
pub(super) fn kept_or_read(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<Option<Meeting>> {
    let can = |verb| may(&ctx.actor, verb, &Facts::default());
    let row = rows::get(conn, id)?;
    let panel = row.is_some_and(|row| row.purpose == Purpose::Panel.as_str());
    if panel && can(Verb::ReadPanel) && can(Verb::ReadCase) {
        return panels::reach(conn, ctx, id, Verb::ReadPanel).map(Some);
    }
    Ok(None)
}

/// What is known of a panel without anything of its cases.
fn of_panel(ctx: &Context, row: &Meeting) -> Outcome<Values> {
    let on = day(london(row.starts_at.and_utc()).date());
    let mut values = of_team(ctx, &format!("Panel of {on}"));
    of_meeting(row, &mut values)?;
    Ok(values)
}

/// The minutes: who was there, which cases by their numbers and how each stands, what was written and what was agreed.
pub(super) fn minutes(tx: &mut Tx<'_>, ctx: &Context, row: &Meeting) -> Outcome<Sheet> {
    let mut values = of_panel(ctx, row)?;
    there(tx.conn(), &row.id, &mut values)?;
    let items = panels::items(tx.conn(), ctx, row)?;
    if items.len() < stored::of_meeting(tx.conn(), &row.id)?.len() {
        // What was said of a case without its number cannot be told from what was said of another.
        let words = "You have a personal interest in what was before this panel. Somebody else writes its minutes.";
        return Err(Error::Rule(words.into()));
    }
    let (mut blocks, mut to_do) = (Vec::new(), Vec::new());
    for (item, case, open) in &items {
        let state = panels::state_of(item)?;
        if !state.is_there() {
            continue;
        }
        let pack = &item.pack_number;
        let words = format!("Case {pack}: {}", state.label().to_lowercase());
        blocks.push(Block::of(Kind::Point, words));
        if !open {
            continue;
        }
        for line in agreed(tx.conn(), &case.id, &row.id)? {
            let line = format!("Case {pack}: {line}");
            to_do.push(safe(tx.conn(), ctx, &items, Kind::Point, line)?);
        }
    }
    if !blocks.is_empty() {
        blocks.insert(0, Block::of(Kind::Heading, "Cases"));
    }
    for (label, text) in written(ctx, row)? {
        blocks.push(Block::of(Kind::Heading, label));
        blocks.push(safe(tx.conn(), ctx, &items, Kind::Text, text)?);
    }
    values.put_blocks(Hole::Minutes, blocks);
    put_agreed(to_do.into_iter(), &mut values);
    leave(tx, ctx, None, Some(&row.id), template(ctx)?, &values)
}

/// The words, or a gap where they could tell who a child on the list was.
fn safe(
    conn: &mut Conn,
    ctx: &Context,
    items: &[(Item, Case, bool)],
    kind: Kind,
    text: String,
) -> Outcome<Block> {
    for (_, case, _) in items {
        if naming::gives_away_family(conn, ctx, case, &text)? {
            return Ok(left_out(kind));
        }
    }
    Ok(Block::of(kind, text))
}

/// The letter that invites a member to a panel; without a person its name is left to the writer.
pub fn invitation(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    person: Option<&str>,
) -> Outcome<Sheet> {
    let row = panels::reach(tx.conn(), ctx, id, Verb::KeepPanel)?;
    let missing = || Error::Internal("no template is for a member".into());
    let template = ctx.house.letters.to_member().ok_or_else(missing)?;
    let mut values = of_panel(ctx, &row)?;
    if let Some(person) = person.filter(|person| !person.is_empty()) {
        let people = rows::people_of(tx.conn(), id)?;
        let invited = people.into_iter().find(|p| p.id == person);
        values.put(Hole::Addressee, invited.ok_or(Error::NotFound)?.name);
    }
    leave(tx, ctx, None, Some(&row.id), template, &values)
}
