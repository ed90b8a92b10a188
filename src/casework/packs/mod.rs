//! The anonymised pack of a case for a panel: an account written from the record, what is proposed to be taken out of its
//! words, two people's signatures, and the reading room. Whoever reads is given what was released and never what it was made
//! from. Must not know how a page asks, nor how a document is unpacked.

mod desk;
mod questions;
mod rarity;
mod reading;
mod sign;
mod sources;

use super::panels;
use super::{Context, Error, Outcome};
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::meetings::Meeting;
use crate::store::packs::{self as store, Pack};
use crate::store::panels::Item;
use crate::store::{Conn, Tx};

pub use desk::{
    Chosen, Desk, How, Paper, Proposal, add_words, build, decide, desk, key_of, put_note, undecided,
};
pub use questions::{
    Asked, answer, ask, askable, asked_of, in_time, of_item as questions_of, pass_on, send,
    set_aside, waits,
};
pub use rarity::Rarity;
pub use reading::{Door, Room, door, mark_read, note, read_by, room};
pub use sign::{Stand, release_ready, sign, stand};

/// An item on a panel's list that is to be discussed, with its case.
fn reach(
    conn: &mut Conn,
    ctx: &Context,
    (panel, id): (&str, &str),
    verb: Verb,
) -> Outcome<(Meeting, Item, Case)> {
    let (row, item, case, _) = panels::item(conn, ctx, panel, id, verb)?;
    Ok((row, item, case))
}

/// The pack of an item to be changed, at the version that was read.
fn kept(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    version: i32,
    verb: Verb,
) -> Outcome<(Meeting, Item, Case, Pack)> {
    let (row, item, case) = reach(tx.conn(), ctx, at, verb)?;
    tx.hold(&format!("pack:{}", item.id))?;
    let pack = store::of_item(tx.conn(), &item.id)?.ok_or(Error::NotFound)?;
    if pack.version != version {
        return Err(Error::Stale);
    }
    Ok((row, item, case, pack))
}

fn save(tx: &mut Tx<'_>, ctx: &Context, pack: &mut Pack) -> Outcome<()> {
    pack.updated_at = ctx.stamp();
    if store::save(tx, pack)? {
        pack.version += 1;
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

fn json<T: serde::Serialize>(value: &T) -> Outcome<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal(e.to_string()))
}

fn read<T: for<'de> serde::Deserialize<'de>>(text: &str) -> Outcome<T> {
    serde_json::from_str(text).map_err(|e| Error::Internal(e.to_string()))
}
