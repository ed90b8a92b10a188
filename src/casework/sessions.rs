//! Sessions: opaque tokens of which only a keyed hash is stored, opened when both password and factor were right,
//! over after quiet, after twelve hours, or when somebody ends them. Must not know of cookies.

use chrono::{Duration, NaiveDateTime};

use super::secrets::Secrets;
use super::signed::{self, Kind};
use super::{Context, Error, Outcome, factors, record, secrets};
use crate::domain::actor::{Actor, Role};
use crate::domain::address::fold;
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::accounts::{Session, User};
use crate::store::{Conn, Tx, accounts};

/// A session ends this long after sign-in whatever happens.
pub const WHOLE: Duration = Duration::hours(12);
/// A session ends after this much quiet.
pub const IDLE: Duration = Duration::minutes(30);
/// Being seen is written at most this often.
const TOUCH: Duration = Duration::minutes(1);
/// What may not be done long after the factor was checked asks for it again.
const FRESH: Duration = Duration::minutes(5);
/// Between the password and the code there is this much time.
pub const HALF: Duration = Duration::minutes(10);
/// A browser counts as known to an account this long after the person signed in with it.
pub const KNOWN: Duration = Duration::days(90);

/// Where a browser calls from, and what kind it is.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub source: String,
    pub browser: String,
}

/// What a browser carries between the password and the code: worth nothing once the password is another.
pub fn half(ctx: &Context, user: &User) -> Outcome<String> {
    let subject = format!("{}:{}", user.id, mark(&user.password_hash));
    signed::sign(
        &ctx.house.secrets,
        Kind::HalfSignedIn,
        &subject,
        ctx.now,
        HALF,
    )
}

fn mark(password_hash: &str) -> String {
    secrets::digest(password_hash.as_bytes())
}

/// The account whose password this browser gave a moment ago.
pub fn half_signed_in(conn: &mut Conn, ctx: &Context, carried: &str) -> Outcome<Option<User>> {
    let secrets = &ctx.house.secrets;
    let Some(subject) = signed::verify(secrets, Kind::HalfSignedIn, carried, ctx.now) else {
        return Ok(None);
    };
    let (id, password) = subject.split_once(':').unwrap_or_default();
    let user = accounts::by_id(conn, id)?;
    Ok(user.filter(|u| u.active && mark(&u.password_hash) == password))
}

/// The mark that a browser carries once this address was signed in to in it: the address cannot be read from it, and
/// what it fits is known without asking whether there is such an account.
pub fn device(secrets: &Secrets, email: &str) -> String {
    secrets.hash("device", &fold(email))
}

/// Opens a session when the code is right; gives the browser's token. A wrong code is recorded.
pub fn sign_in(
    tx: &mut Tx<'_>,
    ctx: &Context,
    user: &User,
    typed: &str,
    origin: &Origin,
) -> Outcome<Option<String>> {
    if !factors::check(tx, ctx, &user.id, typed)? {
        return Ok(None);
    }
    open(tx, ctx, user, origin).map(Some)
}

/// Opens a session for somebody whose password and factor were checked in this transaction.
pub fn open(tx: &mut Tx<'_>, ctx: &Context, user: &User, origin: &Origin) -> Outcome<String> {
    let token = secrets::random_link();
    let session = Session {
        id: ctx.new_id(),
        token_hash: hash(ctx, &token),
        user_id: user.id.clone(),
        created_at: ctx.stamp(),
        last_seen_at: ctx.stamp(),
        expires_at: ctx.stamp() + WHOLE,
        ended_at: None,
        factor_at: Some(ctx.stamp()),
        browser: Some(origin.browser.clone()),
    };
    accounts::insert_session(tx, &session)?;
    let ctx = Context {
        actor: actor(user).ok_or(Error::NotFound)?,
        ..ctx.clone()
    };
    record(tx, &ctx, None, Some(&user.id), &Event::SignedIn {})?;
    Ok(token)
}

fn hash(ctx: &Context, token: &str) -> String {
    ctx.house.secrets.hash("session", token)
}

fn actor(user: &User) -> Option<Actor> {
    let role = user.role.parse::<Role>().ok()?;
    let organisation = user.organisation.as_deref();
    Some(Actor::staff(&user.id, &user.name, role, organisation))
}

/// Who a browser's token stands for, and how long it still does.
pub struct Present {
    pub session_id: String,
    pub actor: Actor,
    pub email: String,
    /// The session should be marked as seen.
    pub stale: bool,
    /// The factor was checked a short while ago.
    pub fresh: bool,
    /// When it was checked.
    pub factor_at: Option<NaiveDateTime>,
    /// Seconds until the session ends if nothing more is asked.
    pub lasts: i64,
}

/// Finds the live session behind a token. A removed account or role bites at once.
pub fn present(conn: &mut Conn, ctx: &Context, token: &str) -> Outcome<Option<Present>> {
    let Some((session, user)) = accounts::session(conn, &hash(ctx, token))? else {
        return Ok(None);
    };
    let now = ctx.stamp();
    let ends = session.expires_at.min(session.last_seen_at + IDLE);
    let (Some(actor), true, true) = (
        actor(&user),
        user.active,
        session.ended_at.is_none() && now < ends,
    ) else {
        return Ok(None);
    };
    Ok(Some(Present {
        session_id: session.id,
        actor,
        email: user.email,
        stale: session.last_seen_at + TOUCH <= now,
        fresh: session.factor_at.is_some_and(|at| now < at + FRESH),
        factor_at: session.factor_at,
        // What is being asked now counts as seen.
        lasts: (session.expires_at.min(now + IDLE) - now).num_seconds(),
    }))
}

/// The session behind a token and its person, though it may be over.
pub fn behind(conn: &mut Conn, ctx: &Context, token: &str) -> Outcome<Option<(Session, User)>> {
    Ok(accounts::session(conn, &hash(ctx, token))?)
}

/// Notes that a session is in use, so that it does not end by quiet.
pub fn seen(tx: &mut Tx<'_>, ctx: &Context, session_id: &str) -> Outcome<()> {
    Ok(accounts::touch_session(tx, session_id, ctx.stamp())?)
}

/// Ends the session behind a token.
pub fn sign_out(tx: &mut Tx<'_>, ctx: &Context, token: &str) -> Outcome<()> {
    if let Some(present) = present(tx.conn(), ctx, token)? {
        accounts::end_session(tx, &present.session_id, ctx.stamp())?;
    }
    record(tx, ctx, None, ctx.actor.user_id(), &Event::SignedOut {})
}

/// Checks the factor again and gives the session a new token; nothing when the code was wrong.
pub fn step_up(
    tx: &mut Tx<'_>,
    ctx: &Context,
    token: &str,
    typed: &str,
) -> Outcome<Option<String>> {
    let present = present(tx.conn(), ctx, token)?.ok_or(Error::NotFound)?;
    let user_id = ctx.actor.user_id().ok_or(Error::Forbidden)?.to_owned();
    if !factors::check(tx, ctx, &user_id, typed)? {
        return Ok(None);
    }
    let event = Event::CodeChecked {
        user_id: user_id.clone(),
    };
    record(tx, ctx, None, Some(&user_id), &event)?;
    renew(tx, ctx, &present.session_id, Some(ctx.stamp())).map(Some)
}

/// A new token for a session; the old one is worth nothing from now on.
pub fn renew(
    tx: &mut Tx<'_>,
    ctx: &Context,
    session_id: &str,
    factor_at: Option<NaiveDateTime>,
) -> Outcome<String> {
    let token = secrets::random_link();
    accounts::renew_session(tx, session_id, &hash(ctx, &token), factor_at)?;
    Ok(token)
}

/// One's own sessions that are live.
pub fn own(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<Session>> {
    ctx.allow(Verb::UseAccount, &Facts::default())?;
    let id = ctx.actor.user_id().ok_or(Error::Forbidden)?;
    let now = ctx.stamp();
    Ok(accounts::sessions_of(conn, id, now, now - IDLE)?)
}

/// Ends one of one's own sessions.
pub fn end_own(tx: &mut Tx<'_>, ctx: &Context, session_id: &str) -> Outcome<()> {
    let mine = own(tx.conn(), ctx)?;
    let session = mine.iter().find(|s| s.id == session_id);
    let session = session.ok_or(Error::NotFound)?;
    accounts::end_session(tx, session_id, ctx.stamp())?;
    let event = Event::SessionEnded {
        session_id: session.id.clone(),
        user_id: session.user_id.clone(),
    };
    record(tx, ctx, None, Some(&session.user_id), &event)
}
