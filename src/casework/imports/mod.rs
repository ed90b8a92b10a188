//! Notifications from a file: it is checked, then taken over as a whole, and can be undone while nobody has worked on
//! what it brought. Only what is new is written. Must not know where the file came from.

mod file;
mod judge;
mod registered;

pub(super) use judge::before;
pub use judge::{Became, Fault, Judged, Like, Line};
pub use registered::{Registered, Standing, compare};

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::{Context, Error, Outcome, notify, record};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::imports::{self, Import};
use crate::store::{Conn, Tx, notifications, restrictions};

/// Days after which a file that was checked and never taken over is forgotten.
const WAITS: i64 = 7;

/// Said of a row that was known by what the undoing of another file took out.
const LOST: &str =
    "What it matched was removed when another file was undone. Import this row again";

/// Said of the row that it had matched.
const OF_ANOTHER: &str = "A row of another file was known by this one. Import that row again too";

/// What was just done with a file.
#[derive(Clone, Debug)]
pub struct Done {
    pub id: String,
    pub lines: Vec<Line>,
}

/// Reads a file and says of each row what would become of it. Writes nothing.
pub fn read(conn: &mut Conn, ctx: &Context, text: &str) -> Outcome<Judged> {
    ctx.allow(Verb::ImportNotifications, &Facts::default())?;
    judge::judge(conn, ctx, text)
}

/// Notes that a file was set beside what is known here.
pub fn looked(tx: &mut Tx<'_>, ctx: &Context, judged: &Judged) -> Outcome<()> {
    ctx.allow(Verb::ImportNotifications, &Facts::default())?;
    let event = Event::ImportChecked {
        created: judged.count(Became::Created),
        matched: judged.count(Became::Matched),
        refused: judged.count(Became::Refused),
    };
    record(tx, ctx, None, None, &event)
}

/// Checks a file and keeps it, sealed, until it is taken over or forgotten.
pub fn check(tx: &mut Tx<'_>, ctx: &Context, text: &str) -> Outcome<String> {
    let judged = read(tx.conn(), ctx, text)?;
    imports::forget(tx, ctx.stamp() - TimeDelta::days(WAITS))?;
    let mut row = blank(ctx);
    text.clone_into(&mut row.content);
    tell(&mut row, &judged.lines)?;
    imports::insert(tx, &row)?;
    looked(tx, ctx, &judged)?;
    Ok(row.id)
}

fn blank(ctx: &Context) -> Import {
    Import {
        id: ctx.new_id(),
        state: "checked".into(),
        created_at: ctx.stamp(),
        committed_at: None,
        undone_at: None,
        created: 0,
        matched: 0,
        refused: 0,
        kept: 0,
        version: 1,
        made_by: ctx.actor.label(),
        content: String::new(),
        lines: "[]".into(),
    }
}

/// Puts in the row what became of each line.
fn tell(row: &mut Import, lines: &[Line]) -> Outcome<()> {
    let count = |became: Became| {
        let n = lines.iter().filter(|l| l.became == became).count();
        i32::try_from(n).unwrap_or(i32::MAX)
    };
    row.created = count(Became::Created);
    row.matched = count(Became::Matched);
    row.refused = count(Became::Refused);
    row.lines = serde_json::to_string(lines).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(())
}

/// What became of each row of a file.
pub fn lines(row: &Import) -> Outcome<Vec<Line>> {
    serde_json::from_str(&row.lines).map_err(|e| Error::Internal(e.to_string()))
}

/// The same as the person who asks may know of it: nothing beside a row that belongs to a restricted case on which they are
/// not named.
pub fn shown_lines(conn: &mut Conn, ctx: &Context, row: &Import) -> Outcome<Vec<Line>> {
    let mut lines = lines(row)?;
    let reader = ctx.actor.user_id().unwrap_or_default();
    let cases = restrictions::hidden(conn, reader)?;
    if cases.is_empty() {
        return Ok(lines);
    }
    let mut hidden: BTreeSet<String> = cases.into_iter().map(|(reference, _)| reference).collect();
    hidden.extend(restrictions::hidden_notifications(conn, reader)?);
    for line in &mut lines {
        line.like.retain(|like| !hidden.contains(&like.reference));
        let own = line.notification.as_ref();
        if own.is_some_and(|(_, reference)| hidden.contains(reference)) {
            line.notification = None;
        }
    }
    Ok(lines)
}

/// The files of late, the newest first.
pub fn list(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<Import>> {
    ctx.allow(Verb::ImportNotifications, &Facts::default())?;
    Ok(imports::latest(conn, 50)?)
}

/// One file.
pub fn get(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<Import> {
    ctx.allow(Verb::ImportNotifications, &Facts::default())?;
    imports::get(conn, id)?.ok_or(Error::NotFound)
}

/// One that stands in a state, held against whoever presses the same button.
fn standing(tx: &mut Tx<'_>, ctx: &Context, id: &str, state: &str) -> Outcome<Import> {
    tx.hold("imports")?;
    let row = get(tx.conn(), ctx, id)?;
    if row.state == state {
        Ok(row)
    } else {
        Err(Error::Stale)
    }
}

fn save(tx: &mut Tx<'_>, row: &Import) -> Outcome<()> {
    if imports::save(tx, row)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// Takes over what is new in a file that was checked. It is judged again, because others go on notifying meanwhile.
pub fn commit(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    let mut row = standing(tx, ctx, id, "checked")?;
    let text = std::mem::take(&mut row.content);
    let lines = write(tx, ctx, &text)?;
    "committed".clone_into(&mut row.state);
    row.committed_at = Some(ctx.stamp());
    tell(&mut row, &lines)?;
    save(tx, &row)
}

/// Checks a file and takes over what is new, in one go.
pub fn import(tx: &mut Tx<'_>, ctx: &Context, text: &str) -> Outcome<Done> {
    tx.hold("imports")?;
    let lines = write(tx, ctx, text)?;
    let mut row = blank(ctx);
    "committed".clone_into(&mut row.state);
    row.committed_at = Some(ctx.stamp());
    tell(&mut row, &lines)?;
    imports::insert(tx, &row)?;
    Ok(Done { id: row.id, lines })
}

fn write(tx: &mut Tx<'_>, ctx: &Context, text: &str) -> Outcome<Vec<Line>> {
    let mut judged = read(tx.conn(), ctx, text)?;
    for line in &mut judged.lines {
        if let Some(row) = judged.fresh.get(&line.number) {
            notify::keep_of_file(tx, ctx, row)?;
            line.notification = Some((row.id.clone(), row.reference.clone()));
        }
    }
    let event = Event::NotificationsImported {
        created: judged.count(Became::Created),
        matched: judged.count(Became::Matched),
        refused: judged.count(Became::Refused),
    };
    record(tx, ctx, None, None, &event)?;
    Ok(judged.lines)
}

/// Forgets a file that was checked.
pub fn discard(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    let mut row = standing(tx, ctx, id, "checked")?;
    "discarded".clone_into(&mut row.state);
    row.content.clear();
    "[]".clone_into(&mut row.lines);
    save(tx, &row)?;
    record(tx, ctx, None, Some(id), &Event::ImportDiscarded {})
}

/// Takes out again what a file brought and nobody has worked on. The rest stays, and the file says which.
pub fn undo(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    let mut row = standing(tx, ctx, id, "committed")?;
    let mut lines = lines(&row)?;
    let (mut removed, mut kept) = (0, 0);
    let mut taken_out = BTreeMap::new();
    for (place, line) in lines.iter_mut().enumerate() {
        let Some((id, _)) = &line.notification else {
            continue;
        };
        let held = notifications::get(tx.conn(), id)?;
        let untouched = held.filter(|n| n.state == "received" && n.version == 1);
        let gone = match &untouched {
            Some(notification) => notifications::remove(tx, notification)?,
            None => false,
        };
        if gone {
            record(tx, ctx, None, Some(id), &Event::NotificationRemoved {})?;
            let reference = line.notification.take().map(|(_, reference)| reference);
            taken_out.extend(reference.map(|reference| (reference, place)));
            removed += 1;
        } else {
            kept += 1;
        }
    }
    for place in leave_no_row_behind(tx, &row.id, &taken_out)? {
        if let Some(line) = lines.get_mut(place) {
            line.faults.push(Fault {
                column: String::new(),
                words: OF_ANOTHER.to_owned(),
            });
        }
    }
    "undone".clone_into(&mut row.state);
    row.undone_at = Some(ctx.stamp());
    row.kept = i32::try_from(kept).unwrap_or(i32::MAX);
    row.lines = serde_json::to_string(&lines).map_err(|e| Error::Internal(e.to_string()))?;
    save(tx, &row)?;
    let event = Event::ImportUndone { removed, kept };
    record(tx, ctx, None, Some(&row.id), &event)
}

/// A row of another file that was known only by what is now taken out stands nowhere any more: its file says so, and asks
/// for it again. Gives the places of the lines it was known by.
fn leave_no_row_behind(
    tx: &mut Tx<'_>,
    undone: &str,
    taken_out: &BTreeMap<String, usize>,
) -> Outcome<BTreeSet<usize>> {
    let mut known_by = BTreeSet::new();
    if taken_out.is_empty() {
        return Ok(known_by);
    }
    for mut row in imports::that_matched(tx.conn())? {
        let mut all = lines(&row)?;
        let mut lost = false;
        let known = |line: &&mut Line| line.became == Became::Matched && row.id != undone;
        for line in all.iter_mut().filter(known) {
            let places: Option<Vec<usize>> = line
                .like
                .iter()
                .map(|like| taken_out.get(&like.reference).copied())
                .collect();
            if let Some(places) = places.filter(|places| !places.is_empty()) {
                known_by.extend(places);
                line.became = Became::Refused;
                line.like.clear();
                line.faults.push(Fault {
                    column: String::new(),
                    words: LOST.to_owned(),
                });
                lost = true;
            }
        }
        if lost {
            tell(&mut row, &all)?;
            save(tx, &row)?;
        }
    }
    Ok(known_by)
}
