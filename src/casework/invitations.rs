//! Invitations: a link by mail with which somebody makes an account, once. Must not know of pages.

use chrono::Duration;

use super::people::{self, NewUser};
use super::{Context, Error, Outcome, letters, passwords, record, secrets};
use crate::domain::actor::Role;
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb, may_invite};
use crate::store::accounts::{self, User};
use crate::store::invitations::{self, Invitation};
use crate::store::{Conn, Tx};

/// A link holds this long.
pub const LASTS: Duration = Duration::days(7);

/// Who is invited, as what.
#[derive(Clone, Debug)]
pub struct Invited {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub organisation: Option<String>,
}

/// Invites somebody.
pub fn invite(tx: &mut Tx<'_>, ctx: &Context, who: &Invited) -> Outcome<String> {
    ctx.allow(Verb::Invite, &Facts::default())?;
    let new = NewUser {
        email: who.email.clone(),
        name: who.name.clone(),
        role: who.role,
        organisation: who.organisation.clone(),
        password: String::new(),
    };
    let mut problems = people::about(tx, ctx, &new)?;
    if invitations::is_waiting(tx.conn(), &who.email)? {
        let words = "This person is invited already. You can send the invitation again";
        problems.push(people::problem("email", "unique", words));
    }
    if !may_invite(&ctx.actor, who.role) {
        let words = "Choose a role that you may give";
        problems.push(people::problem("role", "role", words));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let token = secrets::random_link();
    let row = Invitation {
        id: ctx.new_id(),
        email: who.email.trim().to_owned(),
        name: who.name.trim().to_owned(),
        role: who.role.as_str().to_owned(),
        organisation: who.organisation.clone(),
        token_hash: token_hash(ctx, &token),
        invited_by: ctx.actor.id(),
        created_at: ctx.stamp(),
        expires_at: ctx.stamp() + LASTS,
        joined_at: None,
        withdrawn_at: None,
        version: 1,
    };
    invitations::insert(tx, &row)?;
    let event = Event::UserInvited {
        invitation_id: row.id.clone(),
        role: who.role,
    };
    record(tx, ctx, None, Some(&row.id), &event)?;
    letters::invitation(tx, ctx, &row, &token)?;
    Ok(row.id)
}

fn token_hash(ctx: &Context, token: &str) -> String {
    ctx.house.secrets.hash("invitation", token)
}

/// An invitation that this actor may send again or withdraw: one for a role that the actor may give.
fn mine(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<Invitation> {
    ctx.allow(Verb::Invite, &Facts::default())?;
    let row = invitations::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    let given = row.role.parse().is_ok_and(|r| may_invite(&ctx.actor, r));
    if !given {
        return Err(Error::NotFound);
    }
    if row.version != version {
        return Err(Error::Stale);
    }
    Ok(row)
}

/// Sends a new link in place of the old.
pub fn send_again(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<()> {
    let mut row = mine(tx, ctx, id, version)?;
    let token = secrets::random_link();
    row.token_hash = token_hash(ctx, &token);
    row.expires_at = ctx.stamp() + LASTS;
    if !invitations::renew(tx, &row)? {
        return Err(Error::Stale);
    }
    row.version += 1;
    let event = Event::InvitationSentAgain {
        invitation_id: row.id.clone(),
    };
    record(tx, ctx, None, Some(id), &event)?;
    letters::invitation(tx, ctx, &row, &token)
}

/// Takes an invitation back.
pub fn withdraw(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<()> {
    let row = mine(tx, ctx, id, version)?;
    if !invitations::withdraw(tx, &row, ctx.stamp())? {
        return Err(Error::Stale);
    }
    let event = Event::InvitationWithdrawn {
        invitation_id: row.id,
    };
    record(tx, ctx, None, Some(id), &event)
}

/// Those that wait, as far as this actor may give the role.
pub fn waiting(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<Invitation>> {
    ctx.allow(Verb::Invite, &Facts::default())?;
    let mut rows = invitations::waiting(conn)?;
    rows.retain(|row| row.role.parse().is_ok_and(|r| may_invite(&ctx.actor, r)));
    Ok(rows)
}

/// The invitation behind a link that is still good. Looking at it uses nothing up.
pub fn find(conn: &mut Conn, ctx: &Context, token: &str) -> Outcome<Invitation> {
    let row = invitations::by_token(conn, &token_hash(ctx, token))?;
    row.filter(|r| r.joined_at.is_none() && r.withdrawn_at.is_none() && ctx.stamp() < r.expires_at)
        .ok_or(Error::NotFound)
}

/// Makes the account, once.
pub fn join(tx: &mut Tx<'_>, ctx: &Context, token: &str, password: &str) -> Outcome<User> {
    let row = find(tx.conn(), ctx, token)?;
    let new = NewUser {
        email: row.email.clone(),
        name: row.name.clone(),
        role: row.role.parse().map_err(|_| Error::NotFound)?,
        organisation: row.organisation.clone(),
        password: password.to_owned(),
    };
    let mut problems = people::about(tx, ctx, &new)?;
    problems.extend(passwords::judge(ctx, &new));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if !invitations::joined(tx, &row, ctx.stamp())? {
        return Err(Error::NotFound);
    }
    let id = people::make(tx, ctx, &new)?;
    let event = Event::UserJoined {
        user_id: id.clone(),
        invitation_id: row.id,
        role: new.role,
    };
    record(tx, ctx, None, Some(&id), &event)?;
    accounts::by_id(tx.conn(), &id)?.ok_or(Error::NotFound)
}
