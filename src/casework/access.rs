//! How the person who asks stands to one case, and the one way in which a page reaches a case. Must not know
//! what is then shown or done.

use super::picture::case_by_reference;
use super::{Context, Error, Outcome};
use crate::domain::permission::{Facts, Scope, Verb, may, scope};
use crate::store::cases::{Case, Person};
use crate::store::{Conn, case_people};

/// Whose cases a list is limited to; none where the list is not limited to a person's own.
pub fn own_cases(ctx: &Context) -> Option<Person> {
    let (Scope::Assigned, Some(user_id), Some(role)) =
        (scope(&ctx.actor), ctx.actor.user_id(), ctx.actor.role())
    else {
        return None;
    };
    Some(Person {
        user_id: user_id.to_owned(),
        role: role.as_str().to_owned(),
    })
}

/// What is true between the person who asks and a case.
pub fn facts(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Facts> {
    let assigned = match own_cases(ctx) {
        // An account whose role changed is not assigned in the new one.
        Some(person) => case_people::get(conn, &case.id, &person.user_id)?
            .is_some_and(|place| place.role == person.role),
        None => false,
    };
    Ok(Facts {
        assigned,
        ..Facts::default()
    })
}

/// The case behind a reference, for a verb. Who may never do it is told so whether or not the case is there;
/// for who may on cases of their own, a case that is not theirs is simply not there.
pub fn reach(
    conn: &mut Conn,
    ctx: &Context,
    reference: &str,
    verb: Verb,
) -> Outcome<(Case, Facts)> {
    let best = Facts {
        assigned: true,
        holds_request: true,
        listed: true,
        ..Facts::default()
    };
    ctx.allow(verb, &best)?;
    let case = case_by_reference(conn, reference)?;
    let facts = facts(conn, ctx, &case)?;
    if may(&ctx.actor, verb, &facts) {
        Ok((case, facts))
    } else {
        Err(Error::NotFound)
    }
}
