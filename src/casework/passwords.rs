//! Passwords: argon2id hashes, checking one in the same time whoever it is for, changing one, and a new one by a
//! mailed link. None of this skips the second factor. Must not know of pages.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use chrono::Duration;

use super::people::{NewUser, end_all, problem};
use super::{Context, Error, Outcome, letters, record, secrets};
use crate::domain::actor::Role;
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb};
use crate::store::invitations::Reset;
use crate::store::{Conn, Tx, accounts, invitations};

/// A link for a new password holds this long.
const RESET: Duration = Duration::hours(1);
/// A hash that no password fits, so that an unknown address costs the same work as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RnVsbHlVbmtub3duUGFzc3dvcmRIYXNoVmFsdWU5OTk";

/// What is wrong with the password of somebody new.
pub(super) fn judge(ctx: &Context, new: &NewUser) -> Option<Problem> {
    let organisation = new.organisation.as_deref();
    let organisation = organisation.and_then(|code| ctx.house.organisation_name(code));
    let own = [&new.name, &new.email, organisation.unwrap_or_default()];
    let refused = ctx.house.denied.judge(&new.password, &own).err()?;
    Some(problem("password", "password", refused.message()))
}

fn judged(ctx: &Context, user: &accounts::User, password: &str) -> Outcome<String> {
    let new = NewUser {
        email: user.email.clone(),
        name: user.name.clone(),
        role: user.role.parse().unwrap_or(Role::Respondent),
        organisation: user.organisation.clone(),
        password: password.to_owned(),
    };
    match judge(ctx, &new) {
        Some(problem) => Err(Error::Invalid(vec![problem])),
        None => hash(password),
    }
}

pub(super) fn hash(password: &str) -> Outcome<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| Error::Internal("a password could not be hashed".into()))
}

fn fits(stored: &str, password: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// Checks an address and a password outside any transaction: the hash is slow on purpose. The time taken
/// does not tell whether the address has an account.
pub fn check(
    conn: &mut Conn,
    email: &str,
    password: &str,
) -> Outcome<Result<accounts::User, Option<String>>> {
    let user = accounts::by_email(conn, email)?;
    let holds = fits(
        user.as_ref().map_or(NOBODY, |u| u.password_hash.as_str()),
        password,
    );
    Ok(match user {
        Some(user) if holds && user.active => Ok(user),
        other => Err(other.map(|u| u.id)),
    })
}

/// Records that somebody could not sign in. The address that was typed is not kept.
pub fn failed(tx: &mut Tx<'_>, ctx: &Context, user_id: Option<String>) -> Outcome<()> {
    let subject = user_id.clone();
    let event = Event::SignInFailed { user_id };
    record(tx, ctx, None, subject.as_deref(), &event)
}

/// Changes one's own password, by the old one. Every other session of the person ends.
pub fn change(
    tx: &mut Tx<'_>,
    ctx: &Context,
    session_id: &str,
    old: &str,
    new: &str,
) -> Outcome<()> {
    ctx.allow(Verb::UseAccount, &Facts::default())?;
    let id = ctx.actor.user_id().ok_or(Error::Forbidden)?.to_owned();
    let user = accounts::by_id(tx.conn(), &id)?.ok_or(Error::NotFound)?;
    let mut problems = Vec::new();
    if !fits(&user.password_hash, old) {
        let words = "Your current password is not right";
        problems.push(problem("current", "password", words));
    }
    let hash = match judged(ctx, &user, new) {
        Ok(hash) if problems.is_empty() => hash,
        Ok(_) => return Err(Error::Invalid(problems)),
        Err(Error::Invalid(found)) => {
            problems.extend(found);
            return Err(Error::Invalid(problems));
        }
        Err(other) => return Err(other),
    };
    accounts::set_password(tx, &id, &hash)?;
    invitations::use_resets(tx, &id, ctx.stamp())?;
    accounts::end_sessions(tx, &id, Some(session_id), ctx.stamp())?;
    let event = Event::PasswordChanged {
        user_id: id.clone(),
    };
    record(tx, ctx, None, Some(&id), &event)?;
    letters::password_changed(tx, ctx, &user)
}

/// Somebody asks for a link to a new password. It goes only to the address on file, if there is one.
pub fn ask_reset(tx: &mut Tx<'_>, ctx: &Context, email: &str) -> Outcome<()> {
    let user = accounts::by_email(tx.conn(), email)?.filter(|user| user.active);
    let user_id = user.as_ref().map(|user| user.id.clone());
    let subject = user_id.clone();
    let event = Event::PasswordResetAsked { user_id };
    record(tx, ctx, None, subject.as_deref(), &event)?;
    let Some(user) = user else { return Ok(()) };
    let token = secrets::random_link();
    let row = Reset {
        token_hash: ctx.house.secrets.hash("reset", &token),
        user_id: user.id.clone(),
        created_at: ctx.stamp(),
        expires_at: ctx.stamp() + RESET,
        used_at: None,
    };
    // The newest link alone is good.
    invitations::use_resets(tx, &user.id, ctx.stamp())?;
    invitations::insert_reset(tx, &row)?;
    letters::password_reset(tx, ctx, &user, &token)
}

/// The account behind a mailed link that is still good.
pub fn reset_for(conn: &mut Conn, ctx: &Context, token: &str) -> Outcome<accounts::User> {
    let hash = ctx.house.secrets.hash("reset", token);
    let row = invitations::reset(conn, &hash)?.ok_or(Error::NotFound)?;
    if row.used_at.is_some() || row.expires_at <= ctx.stamp() {
        return Err(Error::NotFound);
    }
    accounts::by_id(conn, &row.user_id)?
        .filter(|user| user.active)
        .ok_or(Error::NotFound)
}

/// Sets a new password by a mailed link, once. Every session ends; the second factor stays as it is.
pub fn reset(tx: &mut Tx<'_>, ctx: &Context, token: &str, new: &str) -> Outcome<()> {
    let user = reset_for(tx.conn(), ctx, token)?;
    let hash = judged(ctx, &user, new)?;
    if !invitations::use_resets(tx, &user.id, ctx.stamp())? {
        return Err(Error::NotFound);
    }
    accounts::set_password(tx, &user.id, &hash)?;
    let event = Event::PasswordChanged {
        user_id: user.id.clone(),
    };
    record(tx, ctx, None, Some(&user.id), &event)?;
    end_all(tx, ctx, &user.id)?;
    letters::password_changed(tx, ctx, &user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_hash_costs_what_anybodys_does() {
        let real = hash("a password of somebody").unwrap();
        let (real, nobody) = (
            PasswordHash::new(&real).unwrap(),
            PasswordHash::new(NOBODY).unwrap(),
        );
        assert_eq!(nobody.algorithm, real.algorithm);
        assert_eq!(nobody.version, real.version);
        assert_eq!(nobody.params, real.params);
        let length = |hash: &PasswordHash| {
            let salt = hash.salt.as_ref().map(|salt| salt.as_ref().len());
            (salt, hash.hash.as_ref().map(|hash| hash.as_bytes().len()))
        };
        assert_eq!(length(&nobody), length(&real));
        // It is worked through and does not fit, rather than refused before any work.
        let refused = |hash: &PasswordHash| {
            let said = Argon2::default().verify_password(b"another password", hash);
            said.unwrap_err().to_string()
        };
        assert_eq!(refused(&nobody), refused(&real));
    }
}
