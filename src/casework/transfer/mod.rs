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
use crate::domain::transfer::About;
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
    let mut rows = transfers::latest(conn, &reader, SHOWN)?;
    rows.retain(|(row, _)| is_for(ctx, row));
    Ok(rows)
}

/// Whether a row may be known to who asks: a file of a restricted case that is not decided yet is for whoever opened it.
fn is_for(ctx: &Context, row: &Transfer) -> bool {
    let waits = row.direction == "in" && row.state == "looked";
    !waits || open_key(ctx, row).is_ok_and(|(_, opener)| for_whom(ctx, opener.as_deref()))
}

fn for_whom(ctx: &Context, opener: Option<&str>) -> bool {
    opener.is_none_or(|opener| ctx.actor.user_id() == Some(opener))
}

/// Those of one case, the newest first.
pub fn of_case(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Transfer>> {
    access::stand(conn, ctx, case, Verb::TransferCase)?;
    Ok(transfers::of_case(conn, &case.id)?)
}

/// The row of a file that was made here or came in, before anybody answers it. `panel` is the other one.
fn row_of(
    ctx: &Context,
    about: &About,
    (direction, state): (&str, &str),
    panel: String,
    size: usize,
) -> Transfer {
    Transfer {
        id: about.id.clone(),
        direction: direction.to_owned(),
        state: state.to_owned(),
        file_id: about.id.clone(),
        case_id: None,
        panel,
        theirs: None,
        agreed_on: about.agreed_on,
        learning_due: about.learning_due,
        size: i64::try_from(size).unwrap_or(i64::MAX),
        made_at: ctx.stamp(),
        answered_at: None,
        sealed_key: None,
        version: 1,
        made_by: ctx.actor.label(),
        reason: about.reason.clone(),
        agreed_by: about.agreed_by.clone(),
        learning: about.learning.clone(),
        answered_by: None,
        answer: None,
    }
}

/// The key of a file that lies among the documents, sealed for its row; with the account that alone may open it, where the
/// case is restricted.
fn seal_key(ctx: &Context, id: &str, key: &CaseKey, only_for: Option<&str>) -> String {
    let ring = ctx.house.secrets.keyring();
    let mut text = hex(key.as_bytes());
    if let Some(account) = only_for {
        text.push(':');
        text.push_str(account);
    }
    ring.seal("transfers", "sealed_key", id, &text)
}

fn open_key(ctx: &Context, row: &Transfer) -> Outcome<(CaseKey, Option<String>)> {
    let sealed = row.sealed_key.as_deref().ok_or(Error::NotFound)?;
    let ring = ctx.house.secrets.keyring();
    let damaged = || Error::Damaged {
        table: "transfers",
        row: row.id.clone(),
    };
    let text = ring
        .open("transfers", "sealed_key", &row.id, sealed)
        .map_err(|_| damaged())?;
    let (key, only_for) = match text.split_once(':') {
        Some((key, account)) => (key, Some(account.to_owned())),
        None => (text.as_str(), None),
    };
    parse(key)
        .and_then(|bytes| CaseKey::from_bytes(&bytes))
        .map(|key| (key, only_for))
        .ok_or_else(damaged)
}

fn save(tx: &mut Tx<'_>, row: &Transfer) -> Outcome<()> {
    if transfers::save(tx, row)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}
