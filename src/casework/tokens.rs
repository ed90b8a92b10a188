//! Bearer tokens of other systems: signed, named, scoped, expiring, revocable. Must not know of headers.

use chrono::Duration;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use super::people::problem;
use super::{Context, Error, Outcome, record};
use crate::domain::actor::{Actor, ApiScope};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::{Conn, Tx, tokens};

const ISSUER: &str = "cdr";
const AUDIENCE: &str = "cdr-api";
const KIND: &str = "system";
/// Seconds by which two clocks may differ.
const LEEWAY: i64 = 5;

#[derive(Serialize, Deserialize)]
struct Claims {
    jti: String,
    iss: String,
    aud: String,
    kind: String,
    sub: String,
    scope: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

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
    let claims = Claims {
        jti: id,
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        kind: KIND.into(),
        sub: row.system,
        scope,
        iat: ctx.now.timestamp(),
        nbf: ctx.now.timestamp(),
        exp: expires.timestamp(),
    };
    let key = EncodingKey::from_secret(&ctx.house.secrets.token_key());
    encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|_| Error::Internal("a token could not be signed".into()))
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

/// Whether a bearer token is ours and in force, as far as it tells itself: whether it was revoked is known only
/// to the database.
pub fn is_signed(ctx: &Context, bearer: &str) -> bool {
    signed(ctx, bearer).is_some()
}

fn signed(ctx: &Context, bearer: &str) -> Option<Claims> {
    let mut rules = Validation::new(Algorithm::HS256);
    // The times are held against the context's clock below, not against the machine's.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    let key = DecodingKey::from_secret(&ctx.house.secrets.token_key());
    let claims = decode::<Claims>(bearer, &key, &rules).ok()?.claims;
    let now = ctx.now.timestamp();
    let in_force = claims.nbf <= now + LEEWAY && now - LEEWAY < claims.exp;
    (claims.kind == KIND && in_force).then_some(claims)
}

/// The system behind a bearer token, if it is ours, in force and not revoked.
pub fn holder(conn: &mut Conn, ctx: &Context, bearer: &str) -> Outcome<Option<Actor>> {
    let Some(claims) = signed(ctx, bearer) else {
        return Ok(None);
    };
    let Some(row) = tokens::get(conn, &claims.jti)? else {
        return Ok(None);
    };
    if row.revoked_at.is_some() || row.expires_at <= ctx.stamp() {
        return Ok(None);
    }
    let scopes: Vec<ApiScope> = row
        .scopes
        .split(' ')
        .filter_map(|s| s.parse().ok())
        .collect();
    Ok(Some(Actor::system(&row.system, &scopes)))
}
