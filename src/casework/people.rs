//! Accounts, signing in and out. Passwords are argon2id hashes; a session is an opaque token of which only a
//! keyed hash is stored. Must not know of cookies.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use chrono::Duration;

use super::{Context, Error, Outcome, record, secrets};
use crate::domain::actor::{Actor, Role};
use crate::domain::event::Event;
use crate::domain::form::{Problem, Severity};
use crate::domain::permission::{Facts, Verb};
use crate::store::{Conn, Tx, accounts};

/// A session ends this long after sign-in whatever happens.
const WHOLE: Duration = Duration::hours(12);
/// A session ends after this much quiet.
const IDLE: Duration = Duration::minutes(30);
/// Being seen is written at most this often.
const TOUCH: Duration = Duration::minutes(1);
/// Fewer characters than this are refused (OWASP ASVS 5.0, 6.2.1 recommends fifteen and demands eight).
const SHORTEST: usize = 12;
const LONGEST: usize = 128;

/// What an account is made from.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub organisation: Option<String>,
    pub password: String,
}

/// Makes an account.
pub fn add_user(tx: &mut Tx<'_>, ctx: &Context, new: &NewUser) -> Outcome<String> {
    ctx.allow(Verb::ManageUsers, &Facts::default())?;
    let mut problems = Vec::new();
    let email = new.email.trim();
    if !validator::ValidateEmail::validate_email(&email) {
        problems.push(problem(
            "email",
            "email",
            "Enter an email address, such as name@nhs.net",
        ));
    }
    if new.name.trim().is_empty() {
        problems.push(problem("name", "required", "Enter the person’s name"));
    }
    let length = new.password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        problems.push(problem(
            "password",
            "length",
            "The password must have between 12 and 128 characters",
        ));
    }
    if accounts::by_email(tx.conn(), &fold(email))?.is_some() {
        problems.push(problem(
            "email",
            "unique",
            "There is already an account with this email address",
        ));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let id = ctx.new_id();
    let user = accounts::User {
        id: id.clone(),
        email: email.to_owned(),
        email_folded: fold(email),
        name: new.name.trim().to_owned(),
        role: new.role.as_str().to_owned(),
        organisation: new.organisation.clone(),
        password_hash: hash_password(&new.password)?,
        active: true,
        created_at: ctx.stamp(),
        version: 1,
    };
    accounts::insert_user(tx, &user)?;
    let event = Event::UserAdded {
        user_id: id.clone(),
        role: new.role,
    };
    record(tx, ctx, None, Some(&id), &event)?;
    Ok(id)
}

/// Checks an address and a password outside any transaction: the hash is slow on purpose. The time taken
/// does not tell whether the address has an account.
pub fn check_password(
    conn: &mut Conn,
    email: &str,
    password: &str,
) -> Outcome<Result<accounts::User, Option<String>>> {
    let user = accounts::by_email(conn, &fold(email))?;
    let stored = user.as_ref().map_or(NOBODY, |u| u.password_hash.as_str());
    let holds = PasswordHash::new(stored).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    });
    Ok(match user {
        Some(user) if holds && user.active => Ok(user),
        other => Err(other.map(|u| u.id)),
    })
}

/// A hash that no password fits, so that an unknown address costs the same work as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RnVsbHlVbmtub3duUGFzc3dvcmRIYXNoVmFsdWU5OTk";

/// Records that somebody could not sign in. The address that was typed is not kept.
pub fn sign_in_failed(tx: &mut Tx<'_>, ctx: &Context, user_id: Option<String>) -> Outcome<()> {
    record(
        tx,
        ctx,
        None,
        user_id.clone().as_deref(),
        &Event::SignInFailed { user_id },
    )
}

/// Opens a session for an account whose password was checked; gives the token for the browser.
pub fn sign_in(tx: &mut Tx<'_>, ctx: &Context, user: &accounts::User) -> Outcome<String> {
    let token = secrets::random_link();
    let id = ctx.new_id();
    let session = accounts::Session {
        id: id.clone(),
        token_hash: ctx.house.secrets.hash("session", &token),
        user_id: user.id.clone(),
        created_at: ctx.stamp(),
        last_seen_at: ctx.stamp(),
        expires_at: ctx.stamp() + WHOLE,
        ended_at: None,
    };
    accounts::insert_session(tx, &session)?;
    record(tx, ctx, None, Some(&user.id), &Event::SignedIn {})?;
    Ok(token)
}

/// Who a browser's token stands for, and whether its session should be marked as seen.
pub struct Present {
    pub session_id: String,
    pub actor: Actor,
    pub email: String,
    pub stale: bool,
}

/// Finds the live session behind a token. A removed account or role bites at once.
pub fn present(conn: &mut Conn, ctx: &Context, token: &str) -> Outcome<Option<Present>> {
    let Some((session, user)) = accounts::session(conn, &ctx.house.secrets.hash("session", token))?
    else {
        return Ok(None);
    };
    let now = ctx.stamp();
    let over = session.ended_at.is_some()
        || session.expires_at <= now
        || session.last_seen_at + IDLE <= now;
    if over || !user.active {
        return Ok(None);
    }
    let Ok(role) = user.role.parse::<Role>() else {
        return Ok(None);
    };
    Ok(Some(Present {
        session_id: session.id,
        actor: Actor::staff(&user.id, &user.name, role, user.organisation.as_deref()),
        email: user.email,
        stale: session.last_seen_at + TOUCH <= now,
    }))
}

/// Notes that a session is in use, so that it does not end by quiet.
pub fn seen(tx: &mut Tx<'_>, ctx: &Context, session_id: &str) -> Outcome<()> {
    Ok(accounts::touch_session(tx, session_id, ctx.stamp())?)
}

/// Ends a session.
pub fn sign_out(tx: &mut Tx<'_>, ctx: &Context, session_id: &str) -> Outcome<()> {
    accounts::end_session(tx, session_id, ctx.stamp())?;
    record(tx, ctx, None, ctx.actor.user_id(), &Event::SignedOut {})
}

fn hash_password(password: &str) -> Outcome<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| Error::Internal("a password could not be hashed".into()))
}

/// An address without regard to case and space.
pub fn fold(email: &str) -> String {
    email.trim().to_lowercase()
}

pub(crate) fn problem(field: &str, rule: &str, message: &str) -> Problem {
    Problem {
        field: field.to_owned(),
        row: None,
        column: None,
        rule: rule.to_owned(),
        severity: Severity::Stop,
        message: message.to_owned(),
    }
}
