//! What somebody posted that was not taken, because the session had ended or the page was no longer for them: kept sealed
//! for a day, shown to the same person, and never sent again by itself. Must not know what any form is about.

use chrono::Duration;

use super::{Context, Error, Outcome, record, sealing, sessions};
use crate::domain::event::Event;
use crate::domain::form::Posted;
use crate::store::kept::{self, KeptPost};
use crate::store::{Conn, Tx};

const LASTS: Duration = Duration::days(1);
/// Larger posts are not kept.
const LARGEST: usize = 512 * 1024;
/// What is never kept, whatever form it came from.
const NEVER: [&str; 6] = [
    "password",
    "password_again",
    "new",
    "code",
    "current",
    "csrf",
];

/// Whether what was typed under this name may be kept, or shown again.
pub fn may_be_kept(name: &str) -> bool {
    !NEVER.contains(&name)
}

/// Keeps a post for the person whose session this token was, though it is over; gives its id. Nobody else can
/// make the service keep anything.
pub fn keep(
    tx: &mut Tx<'_>,
    ctx: &Context,
    token: &str,
    path: &str,
    posted: &Posted,
) -> Outcome<Option<String>> {
    let found = sessions::behind(tx.conn(), ctx, token)?;
    let pairs: Vec<&(String, String)> = posted
        .0
        .iter()
        .filter(|(name, _)| may_be_kept(name))
        .collect();
    let text = serde_json::to_string(&pairs).map_err(|e| Error::Internal(e.to_string()))?;
    let Some((session, user)) = found.filter(|_| !pairs.is_empty() && text.len() <= LARGEST) else {
        tx.unchanged();
        return Ok(None);
    };
    let post = KeptPost {
        id: ctx.new_id(),
        session_id: session.id.clone(),
        user_id: user.id.clone(),
        path: path.to_owned(),
        sealed: sealing::seal(&ctx.house.secrets, "post", &user.id, text.as_bytes())?,
        created_at: ctx.stamp(),
    };
    kept::keep(tx, &post, ctx.stamp() - LASTS)?;
    let event = Event::PostKept {
        user_id: user.id.clone(),
    };
    record(tx, ctx, None, Some(&user.id), &event)?;
    Ok(Some(post.id))
}

/// What was kept, for its own person: where it was to go, and its words.
pub fn find(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<(String, Posted)> {
    let post = mine(conn, ctx, id)?;
    let opened = sealing::open(&ctx.house.secrets, "post", &post.user_id, &post.sealed)
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| Error::Internal("a kept post is damaged".into()))?;
    Ok((post.path, Posted(opened)))
}

fn mine(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<KeptPost> {
    let post = kept::get(conn, id)?;
    post.filter(|p| {
        Some(p.user_id.as_str()) == ctx.actor.user_id() && ctx.stamp() < p.created_at + LASTS
    })
    .ok_or(Error::NotFound)
}

/// Throws it away.
pub fn forget(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    mine(tx.conn(), ctx, id)?;
    kept::forget(tx, id)?;
    tx.unchanged();
    Ok(())
}
