//! The reading room: whether it is open for a person, the released paper, who has read it, and what each notes for
//! themselves. Must not know what was taken out, and has no way to it.

use chrono::{Days, NaiveDate};

use super::sign::is_true;
use super::{reach, read};
use crate::casework::{Context, Error, Outcome, panels, record};
use crate::domain::account::Part;
use crate::domain::calendar::london;
use crate::domain::event::Event;
use crate::domain::meeting::State;
use crate::domain::panel::SHUTS;
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::meetings::Meeting;
use crate::store::packs::{self as store, Note, Read, Released};
use crate::store::panels::Item;
use crate::store::{Conn, Tx, accounts};

const LONGEST_NOTE: usize = 20_000;

/// Whether somebody may go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Open,
    /// Not before this day.
    Early(NaiveDate),
    /// Shut since this day.
    Late(NaiveDate),
    /// The panel does not take place.
    CalledOff,
    /// The chair decided that this member leaves for the case.
    Leaves,
    /// The reader has not said what they have to do with the case.
    Undeclared,
    /// Nothing is released, or what was released is void.
    NotReleased,
}

impl Door {
    /// What stands on the door.
    pub fn words(self) -> String {
        let day = |day: NaiveDate| day.format("%-d %B %Y").to_string();
        match self {
            Self::Open => "Open.".to_owned(),
            Self::Early(on) => format!("The reading room for this panel opens on {}.", day(on)),
            Self::Late(on) => format!("The reading room for this panel was shut on {}.", day(on)),
            Self::CalledOff => "This panel does not take place. Nothing is to be read for it.".to_owned(),
            Self::Leaves => "The chair decided that you leave for this case.".to_owned(),
            Self::Undeclared => "Say first what you have to do with this case, beside the panel. Then it opens.".to_owned(),
            Self::NotReleased => "The account of this case is being prepared. You can read it when two people have signed it.".to_owned(),
        }
    }
}

/// What a reader is given.
pub struct Room {
    pub row: Meeting,
    pub item: Item,
    pub door: Door,
    /// Nothing unless the door is open.
    pub parts: Vec<Part>,
    pub number: i32,
    pub released: Option<Released>,
    pub note: Option<Note>,
    pub has_read: bool,
    /// One of those who keep the panel.
    pub keeps: bool,
}

/// Whether the room is open for the person who asks. The caller has reached the item.
pub fn door(
    conn: &mut Conn,
    ctx: &Context,
    (row, item, case): (&Meeting, &Item, &Case),
) -> Outcome<Door> {
    let day = london(row.starts_at.and_utc()).date();
    let (opens, shuts) = (panels::opens(row), day + Days::new(SHUTS));
    let today = ctx.today();
    if row.state == State::Cancelled.as_str() {
        return Ok(Door::CalledOff);
    }
    if today < opens {
        return Ok(Door::Early(opens));
    }
    if today > shuts {
        return Ok(Door::Late(shuts));
    }
    let member = ctx.actor.role().is_some_and(|role| {
        use crate::domain::actor::Role::{PanelChair, PanelMember};
        matches!(role, PanelMember | PanelChair)
    });
    let people = panels::at_item(conn, ctx, row, item)?;
    let own = people
        .iter()
        .find(|p| p.person.user_id.as_deref() == ctx.actor.user_id());
    if member && own.is_none_or(|own| own.declared.is_none()) {
        return Ok(Door::Undeclared);
    }
    if own
        .and_then(|own| own.declared.as_ref())
        .and_then(|d| d.stays)
        == Some(false)
    {
        return Ok(Door::Leaves);
    }
    let valid = match store::of_item(conn, &item.id)? {
        Some(pack) => {
            let last = store::last_of(conn, &item.id)?;
            pack.second_signer.is_some()
                && last.is_some_and(|last| last.made_from == pack.made_from)
                && is_true(conn, ctx, case, &pack)?
        }
        None => false,
    };
    Ok(if valid { Door::Open } else { Door::NotReleased })
}

/// The room of one case; `printed` when it is opened to be printed.
pub fn room(conn: &mut Conn, ctx: &Context, at: (&str, &str), printed: bool) -> Outcome<Room> {
    let (row, item, case) = reach(conn, ctx, at, Verb::ReadPack)?;
    let door = door(conn, ctx, (&row, &item, &case))?;
    let user = ctx.actor.user_id().ok_or(Error::NotFound)?;
    let released = match door {
        Door::Open => store::last_of(conn, &item.id)?,
        _ => None,
    };
    let parts = match &released {
        Some(released) => read(&released.paper)?,
        None => Vec::new(),
    };
    let has_read = match &released {
        Some(released) => store::readers(conn, &released.id)?
            .iter()
            .any(|id| id == user),
        None => false,
    };
    let number = released.as_ref().map_or(0, |released| released.number);
    if released.is_some() {
        let item_id = item.id.clone();
        let event = if printed {
            Event::PackPrinted { item_id, number }
        } else {
            Event::PackRead { item_id, number }
        };
        ctx.note(Some(&case.id), Some(&item.id), &event)?;
    }
    Ok(Room {
        note: store::note_of(conn, &item.id, user)?,
        keeps: panels::keeps(conn, ctx, &row.id)?,
        row,
        item,
        door,
        parts,
        number,
        released,
        has_read,
    })
}

fn inside(conn: &mut Conn, ctx: &Context, at: (&str, &str)) -> Outcome<(Meeting, Item, Case, i32)> {
    let (row, item, case) = reach(conn, ctx, at, Verb::ReadPack)?;
    let door = door(conn, ctx, (&row, &item, &case))?;
    let last = store::last_of(conn, &item.id)?;
    match (door, last) {
        (Door::Open, Some(last)) => Ok((row, item, case, last.number)),
        (shut, _) => Err(Error::Rule(shut.words())),
    }
}

/// The reader says that they have read the version of this number.
pub fn mark_read(tx: &mut Tx<'_>, ctx: &Context, at: (&str, &str), seen: i32) -> Outcome<()> {
    let (_, item, case, number) = inside(tx.conn(), ctx, at)?;
    if number != seen {
        return Err(Error::Stale);
    }
    let last = store::last_of(tx.conn(), &item.id)?.ok_or(Error::NotFound)?;
    let row = Read {
        id: ctx.new_id(),
        released_id: last.id,
        item_id: item.id.clone(),
        user_id: ctx.actor.user_id().ok_or(Error::NotFound)?.to_owned(),
        read_at: ctx.stamp(),
    };
    tx.hold(&format!("pack-read:{}", item.id))?;
    if !store::mark_read(tx, &row)? {
        tx.unchanged();
        return Ok(());
    }
    let event = Event::PackMarkedRead {
        item_id: item.id.clone(),
        number,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}

/// Names of those who marked the last paper as read. The caller keeps the panel.
pub fn read_by(conn: &mut Conn, item_id: &str) -> Outcome<Vec<String>> {
    let Some(last) = store::last_of(conn, item_id)? else {
        return Ok(Vec::new());
    };
    let mut names = Vec::new();
    for id in store::readers(conn, &last.id)? {
        names.extend(accounts::by_id(conn, &id)?.map(|user| user.name));
    }
    names.sort();
    Ok(names)
}

/// Keeps the reader's own note. `version` is 0 for the first.
pub fn note(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    version: i32,
    body: &str,
) -> Outcome<()> {
    let (_, item, case, _) = inside(tx.conn(), ctx, at)?;
    if body.chars().count() > LONGEST_NOTE {
        return Err(Error::Invalid(vec![crate::casework::people::problem(
            "body",
            "length",
            "Use at most 20,000 characters",
        )]));
    }
    let user = ctx.actor.user_id().ok_or(Error::NotFound)?.to_owned();
    tx.hold(&format!("pack-note:{}:{user}", item.id))?;
    let before = store::note_of(tx.conn(), &item.id, &user)?;
    if before.as_ref().map_or(0, |note| note.version) != version {
        return Err(Error::Stale);
    }
    let row = Note {
        id: before
            .as_ref()
            .map_or_else(|| ctx.new_id(), |note| note.id.clone()),
        item_id: item.id.clone(),
        user_id: user,
        updated_at: ctx.stamp(),
        version: before.as_ref().map_or(1, |note| note.version),
        body: body.to_owned(),
    };
    match before {
        Some(_) if !store::save_note(tx, &row)? => return Err(Error::Stale),
        Some(_) => {}
        None => store::insert_note(tx, &row)?,
    }
    let event = Event::PackNoteKept {
        item_id: item.id.clone(),
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}
