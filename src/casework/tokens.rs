//! Bearer tokens of other systems: signed, named, scoped, expiring, revocable. Must not know of headers.

use chrono::Duration;

use super::people::problem;
use super::signed::{self, Kind, Unheld};
use super::{Context, Error, Outcome, record};
use crate::domain::actor::{Actor, ApiScope, TokenFault};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::{Conn, Tx, tokens};

/// Issues a token; it is shown once and not stored.
pub fn issue(
    tx: &mut Tx<'_>,
    ctx: &Context,
    system: &str,
    scopes: &[ApiScope],
    days: u32,
) -> Outcome<String> {
    ctx.allow(Verb::ManageTokens, &Facts::default())?;
    if system.trim().is_empty() || scopes.is_empty() || !(1..=730).contains(&days) {
        let words = "A token needs a system, at least one scope and between 1 and 730 days";
        return Err(Error::Invalid(vec![problem("token", "required", words)]));
    }
    let id = ctx.new_id();
    let expires = ctx.now + Duration::days(i64::from(days));
    let scope = scopes
        .iter()
        .map(|s| s.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let row = tokens::Token {
        id: id.clone(),
        system: system.trim().to_owned(),
        scopes: scope.clone(),
        issued_at: ctx.stamp(),
        expires_at: expires.naive_utc(),
        revoked_at: None,
    };
    tokens::insert(tx, &row)?;
    let event = Event::TokenIssued {
        token_id: id.clone(),
        system: row.system.clone(),
        scopes: scopes.to_vec(),
        days,
    };
    record(tx, ctx, None, Some(&id), &event)?;
    let lasts = Duration::days(i64::from(days));
    signed::sign(&ctx.house.secrets, Kind::System, &id, ctx.now, lasts)
}

/// Revokes a token at once.
pub fn revoke(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    ctx.allow(Verb::ManageTokens, &Facts::default())?;
    let token = tokens::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    if !tokens::revoke(tx, id, ctx.stamp())? {
        return Err(Error::Rule("This token was revoked already.".into()));
    }
    let event = Event::TokenRevoked {
        token_id: id.to_owned(),
        system: token.system,
    };
    record(tx, ctx, None, Some(id), &event)
}

/// Why a bearer token does not hold, and its id where we signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub why: TokenFault,
    pub token_id: Option<String>,
}

impl Refused {
    fn because(why: TokenFault, token_id: Option<&str>) -> Self {
        Self {
            why,
            token_id: token_id.map(str::to_owned),
        }
    }
}

/// The id of a bearer token that is ours and in force, as far as it tells itself: whether it was revoked is known
/// only to the database.
pub fn signed_id(ctx: &Context, bearer: &str) -> Result<String, Refused> {
    signed::judge(&ctx.house.secrets, Kind::System, bearer, ctx.now).map_err(|why| match why {
        Unheld::Foreign => Refused::because(TokenFault::Forged, None),
        Unheld::OutOfTime(id) => Refused::because(TokenFault::OutOfTime, Some(&id)),
    })
}

/// The system behind a bearer token, if it is ours, in force and not revoked.
pub fn holder(conn: &mut Conn, ctx: &Context, bearer: &str) -> Outcome<Result<Actor, Refused>> {
    let id = match signed_id(ctx, bearer) {
        Ok(id) => id,
        Err(refused) => return Ok(Err(refused)),
    };
    let refused = |why| Ok(Err(Refused::because(why, Some(&id))));
    // A token that we signed and do not know was issued before an older copy was put back.
    let Some(row) = tokens::get(conn, &id)? else {
        return refused(TokenFault::Revoked);
    };
    if row.revoked_at.is_some() {
        return refused(TokenFault::Revoked);
    }
    if row.expires_at <= ctx.stamp() {
        return refused(TokenFault::OutOfTime);
    }
    let scopes: Vec<ApiScope> = row
        .scopes
        .split(' ')
        .filter_map(|s| s.parse().ok())
        .collect();
    Ok(Ok(Actor::system(&row.system, &scopes)))
}

/// Keeps in the trail that a call came with a token that does not hold.
pub fn refused(tx: &mut Tx<'_>, ctx: &Context, refused: &Refused) -> Outcome<()> {
    let event = Event::TokenRefused {
        why: refused.why,
        token_id: refused.token_id.clone(),
    };
    record(tx, ctx, None, refused.token_id.as_deref(), &event)
}
