//! Assigning people to a case and taking them off it: those who see their own cases only. Must not know what
//! an assigned person then sees.

use chrono::NaiveDateTime;

use super::people::problem;
use super::{Context, Error, Outcome, access, gather, record};
use crate::domain::actor::Role;
use crate::domain::event::Event;
use crate::domain::permission::Verb;
use crate::store::accounts::User;
use crate::store::case_people::Place;
use crate::store::cases::Case;
use crate::store::{Conn, Tx, accounts, case_people};

/// The roles that see assigned cases alone.
pub const ROLES: [Role; 3] = [Role::JarLead, Role::KeyWorker, Role::CdrmChair];

/// A person on a case.
#[derive(Clone, Debug)]
pub struct Assigned {
    pub user_id: String,
    pub name: String,
    /// The role on the case.
    pub role: Role,
    pub since: NaiveDateTime,
    /// Who assigned the person.
    pub by: String,
}

/// Everybody on a case, in the order of names.
pub fn on_case(conn: &mut Conn, case: &Case) -> Outcome<Vec<Assigned>> {
    let rows = case_people::of_case(conn, &case.id)?;
    let mut people = Vec::with_capacity(rows.len());
    for (place, name) in rows {
        let by = place.assigned_by(conn)?;
        let Ok(role) = place.role.parse() else {
            continue;
        };
        people.push(Assigned {
            role,
            user_id: place.user_id,
            name,
            since: place.since,
            by,
        });
    }
    Ok(people)
}

/// The accounts that can be assigned to a case and are not: id, name and role, in the order of names.
pub fn candidates(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
) -> Outcome<Vec<(String, String, Role)>> {
    access::stand(conn, ctx, case, Verb::AssignCase)?;
    let there = on_case(conn, case)?;
    let all = accounts::list(conn)?.into_iter().filter_map(|user| {
        let role = role_of(&user)?;
        let new = there.iter().all(|p| p.user_id != user.id);
        new.then_some((user.id, user.name, role))
    });
    Ok(all.collect())
}

/// The role in which an account can be assigned.
fn role_of(user: &User) -> Option<Role> {
    let role: Role = user.role.parse().ok()?;
    (user.active && ROLES.contains(&role)).then_some(role)
}

/// Assigns a person to a case, which is at the version that was read.
pub fn assign(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    user_id: &str,
    version: i32,
) -> Outcome<()> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::AssignCase)?;
    if user_id.is_empty() {
        return Err(invalid("Choose the person to assign"));
    }
    let user = accounts::by_id(tx.conn(), user_id)?;
    let Some((user, role)) = user.and_then(|user| role_of(&user).map(|role| (user, role))) else {
        return Err(invalid("This person cannot be assigned to a case"));
    };
    if case_people::get(tx.conn(), &case.id, &user.id)?.is_some() {
        return Err(invalid("This person is assigned to the case already"));
    }
    touch(tx, ctx, &case, version)?;
    let by = ctx.actor.label();
    let place = Place::new(tx.conn(), &case.id, &user, &by, ctx.stamp());
    case_people::insert(tx, &place)?;
    let event = Event::CaseAssigned {
        user_id: user.id,
        role,
    };
    record(tx, ctx, Some(&case.id), None, &event)
}

/// Takes a person off a case, which is at the version that was read.
pub fn unassign(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    user_id: &str,
    version: i32,
) -> Outcome<()> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::AssignCase)?;
    let Some(place) = case_people::get(tx.conn(), &case.id, user_id)? else {
        return Err(Error::Stale);
    };
    touch(tx, ctx, &case, version)?;
    if !case_people::remove(tx, &case.id, user_id)? {
        return Err(Error::Stale);
    }
    let role = place
        .role
        .parse()
        .map_err(|_| Error::Internal("an unknown role is stored".into()))?;
    let event = Event::CaseUnassigned {
        user_id: user_id.to_owned(),
        role,
    };
    record(tx, ctx, Some(&case.id), None, &event)
}

/// Makes sure that nobody changed the case meanwhile, and that who reads it now sees a newer one.
fn touch(tx: &mut Tx<'_>, ctx: &Context, case: &Case, version: i32) -> Outcome<()> {
    if case.version != version {
        return Err(Error::Stale);
    }
    let mut touched = case.clone();
    touched.updated_at = ctx.stamp();
    gather::save_case(tx, &touched, &case.state)
}

fn invalid(message: &str) -> Error {
    Error::Invalid(vec![problem("person", "required", message)])
}
