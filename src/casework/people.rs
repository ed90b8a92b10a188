//! Accounts: making one, changing what it may do, stopping it. Must not know of cookies, nor how a password or a
//! factor is checked.

use serde_json::json;

use super::{Context, Error, Outcome, factors, letters, passwords, record};
use crate::domain::actor::Role;
use crate::domain::event::{Event, differing};
use crate::domain::form::{Problem, Severity};
use crate::domain::permission::{Facts, Verb};
use crate::store::{Tx, accounts};

/// What an account is made from.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub organisation: Option<String>,
    pub password: String,
}

/// Makes an account with a password, past any invitation: for the first administrator. Its second factor is set
/// up at the first sign-in.
pub fn add_user(tx: &mut Tx<'_>, ctx: &Context, new: &NewUser) -> Outcome<String> {
    ctx.allow(Verb::ManageUsers, &Facts::default())?;
    let mut problems = about(tx, ctx, new)?;
    problems.extend(passwords::judge(ctx, new));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let id = make(tx, ctx, new)?;
    let event = Event::UserAdded {
        user_id: id.clone(),
        role: new.role,
    };
    record(tx, ctx, None, Some(&id), &event)?;
    Ok(id)
}

/// What is wrong with the address, the name or the organisation of somebody new.
pub(super) fn about(tx: &mut Tx<'_>, ctx: &Context, new: &NewUser) -> Outcome<Vec<Problem>> {
    let mut problems = Vec::new();
    if new.name.trim().is_empty() {
        let words = "Enter the person’s name";
        problems.push(problem("name", "required", words));
    }
    let email = new.email.trim();
    if !validator::ValidateEmail::validate_email(&email) {
        let words = "Enter an email address, such as name@nhs.net";
        problems.push(problem("email", "email", words));
    } else if accounts::by_email(tx.conn(), email)?.is_some() {
        let words = "There is already an account with this email address";
        problems.push(problem("email", "unique", words));
    }
    problems.extend(unknown_organisation(ctx, new.organisation.as_deref()));
    Ok(problems)
}

fn unknown_organisation(ctx: &Context, code: Option<&str>) -> Option<Problem> {
    let unknown = code.is_some_and(|code| ctx.house.organisation_name(code).is_none());
    unknown.then(|| {
        problem(
            "organisation",
            "code",
            "Choose the organisation from the list",
        )
    })
}

/// Writes the account; the caller has looked at everything and records why it was made.
pub(super) fn make(tx: &mut Tx<'_>, ctx: &Context, new: &NewUser) -> Outcome<String> {
    let id = ctx.new_id();
    let user = accounts::User {
        id: id.clone(),
        email: new.email.trim().to_owned(),
        name: new.name.trim().to_owned(),
        role: new.role.as_str().to_owned(),
        organisation: new.organisation.clone(),
        password_hash: passwords::hash(&new.password)?,
        active: true,
        created_at: ctx.stamp(),
        version: 1,
    };
    accounts::insert_user(tx, &user)?;
    Ok(id)
}

/// What an administrator changes at an account.
#[derive(Clone, Debug)]
pub struct Change {
    pub role: Role,
    pub organisation: Option<String>,
    pub active: bool,
    /// As it was when the page was made.
    pub version: i32,
}

/// Changes role, organisation or standing. What the person may do changes, so every session of theirs ends.
pub fn change(tx: &mut Tx<'_>, ctx: &Context, id: &str, to: &Change) -> Outcome<()> {
    ctx.allow(Verb::ManageUsers, &Facts::default())?;
    let old = accounts::by_id(tx.conn(), id)?.ok_or(Error::NotFound)?;
    if ctx.actor.user_id() == Some(id) && (to.role.as_str() != old.role || !to.active) {
        let words =
            "You cannot change your own role or stop your own account. Ask another administrator.";
        return Err(Error::Rule(words.into()));
    }
    if let Some(problem) = unknown_organisation(ctx, to.organisation.as_deref()) {
        return Err(Error::Invalid(vec![problem]));
    }
    let new = accounts::User {
        role: to.role.as_str().to_owned(),
        organisation: to.organisation.clone(),
        active: to.active,
        ..old.clone()
    };
    if !accounts::change_user(tx, &new, to.version)? {
        return Err(Error::Stale);
    }
    let user_id = id.to_owned();
    if (&old.role, &old.organisation) != (&new.role, &new.organisation) {
        let known =
            |user: &accounts::User| json!({ "role": user.role, "organisation": user.organisation });
        let (before, after) = differing(known(&old), known(&new));
        let event = Event::UserChanged {
            user_id: user_id.clone(),
            role: to.role,
            before,
            after,
        };
        record(tx, ctx, None, Some(id), &event)?;
    }
    match (old.active, new.active) {
        (true, false) => record(tx, ctx, None, Some(id), &Event::UserStopped { user_id })?,
        (false, true) => record(tx, ctx, None, Some(id), &Event::UserStarted { user_id })?,
        _ => {}
    }
    end_all(tx, ctx, id)?;
    tx.unchanged();
    Ok(())
}

/// Ends every session of a person.
pub fn end_sessions(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    ctx.allow(Verb::ManageUsers, &Facts::default())?;
    accounts::by_id(tx.conn(), id)?.ok_or(Error::NotFound)?;
    end_all(tx, ctx, id)?;
    tx.unchanged();
    Ok(())
}

/// Takes away the second factor of somebody who lost it, and the recovery codes. The person is told by mail and
/// sets up a new one after the next password.
pub fn reset_factor(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<()> {
    ctx.allow(Verb::ManageUsers, &Facts::default())?;
    let user = accounts::by_id(tx.conn(), id)?.ok_or(Error::NotFound)?;
    // Saving the row as it is makes a second press of the button stale.
    if !accounts::change_user(tx, &user, version)? {
        return Err(Error::Stale);
    }
    factors::remove(tx, ctx, id)?;
    end_all(tx, ctx, id)?;
    letters::factor_reset(tx, ctx, &user)
}

pub(super) fn end_all(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    let sessions = accounts::end_sessions(tx, id, None, ctx.stamp())?;
    if sessions == 0 {
        return Ok(());
    }
    let event = Event::SessionsEnded {
        user_id: id.to_owned(),
        sessions,
    };
    record(tx, ctx, None, Some(id), &event)
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
