//! A case that goes to another panel as an encrypted file, and one that comes from another panel in such a file. Both
//! leave a thin trace whatever becomes of them. Must not know how a file reaches the other panel.

mod file;
mod out;
mod parts;
mod take;
mod write;

pub use file::{Locked, passphrase, unlock};
pub use out::{Answer, Asked, Gathered, Made, answer, build, downloaded, file_of, gather, made};
pub use take::{Look, Ready, accept, keep, look, looked_at, ready, refuse};

use super::secrets::{hex, parse};
use super::{Context, Error, Outcome, access};
use crate::domain::permission::{Facts, Verb};
use crate::store::cases::Case;
use crate::store::transfers::{self, Transfer};
use crate::store::vault::CaseKey;
use crate::store::{Conn, Tx};

/// Rows of the list.
const SHOWN: i64 = 200;

/// Every transfer of late, in both directions, each with the reference of our case if there is one.
pub fn list(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<(Transfer, Option<String>)>> {
    ctx.allow(Verb::SeeTransfers, &Facts::default())?;
    let reader = access::sight(ctx).reader;
    Ok(transfers::latest(conn, &reader, SHOWN)?)
}

/// Those of one case, the newest first.
pub fn of_case(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Transfer>> {
    access::stand(conn, ctx, case, Verb::TransferCase)?;
    Ok(transfers::of_case(conn, &case.id)?)
}

/// The key of a file that lies among the documents, sealed for its row.
fn seal_key(ctx: &Context, id: &str, key: &CaseKey) -> String {
    let ring = ctx.house.secrets.keyring();
    ring.seal("transfers", "sealed_key", id, &hex(key.as_bytes()))
}

fn open_key(ctx: &Context, row: &Transfer) -> Outcome<CaseKey> {
    let sealed = row.sealed_key.as_deref().ok_or(Error::NotFound)?;
    let ring = ctx.house.secrets.keyring();
    let damaged = || Error::Damaged {
        table: "transfers",
        row: row.id.clone(),
    };
    let text = ring
        .open("transfers", "sealed_key", &row.id, sealed)
        .map_err(|_| damaged())?;
    parse(&text)
        .and_then(|bytes| CaseKey::from_bytes(&bytes))
        .ok_or_else(damaged)
}

fn save(tx: &mut Tx<'_>, row: &Transfer) -> Outcome<()> {
    if transfers::save(tx, row)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}
