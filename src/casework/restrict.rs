//! Restricting a case to named people, changing who is named, lifting it. Must not know how somebody who is not
//! named opens it (`openings` does).

use super::gather::given_reason;
use super::people::problem;
use super::{Context, Error, Outcome, access, gather, record};
use crate::domain::actor::{Actor, Role};
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::accounts::User;
use crate::store::cases::Case;
use crate::store::restrictions::{self, Named, Restriction};
use crate::store::{Conn, Tx, accounts, merges, openings};

/// A person who is named, or could be.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: String,
    pub name: String,
    pub role: Role,
}

/// How a case is restricted.
#[derive(Clone, Debug)]
pub struct Standing {
    /// None while it is not.
    pub restriction: Option<Restriction>,
    pub named: Vec<Person>,
    /// Who could be named and is not.
    pub others: Vec<Person>,
}

/// How a case is restricted, for whoever may change that.
pub fn standing(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Standing> {
    access::stand(conn, ctx, case, Verb::RestrictCase)?;
    let named: Vec<Person> = restrictions::named(conn, &case.id)?
        .into_iter()
        .filter_map(|(place, name, role, _)| {
            Some(Person {
                user_id: place.user_id,
                name,
                role: role.parse().ok()?,
            })
        })
        .collect();
    let others = accounts::list(conn)?
        .iter()
        .filter_map(person)
        .filter(|p| named.iter().all(|n| n.user_id != p.user_id))
        .collect();
    let restriction = restrictions::of_case(conn, &case.id)?;
    Ok(Standing {
        restriction,
        named,
        others,
    })
}

/// An account that may read some case, in its role now.
fn person(user: &User) -> Option<Person> {
    let role: Role = user.role.parse().ok()?;
    let best = Facts {
        assigned: true,
        ..Facts::default()
    };
    let reads = may(
        &Actor::staff(&user.id, &user.name, role, None),
        Verb::ReadCaseOutline,
        &best,
    );
    (user.active && reads).then(|| Person {
        user_id: user.id.clone(),
        name: user.name.clone(),
        role,
    })
}

/// Restricts a case, which is at the version that was read, to these accounts.
pub fn restrict(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    version: i32,
    people: &[String],
    reason: &str,
) -> Outcome<()> {
    let (case, facts) = access::reach(tx.conn(), ctx, reference, Verb::RestrictCase)?;
    if facts.restricted {
        return Err(Error::Stale);
    }
    let mut problems = Vec::new();
    let reason = match given_reason(reason, "Say why the case is restricted") {
        Ok(reason) => reason,
        Err(Error::Invalid(found)) => {
            problems.extend(found);
            String::new()
        }
        Err(other) => return Err(other),
    };
    let named = known(tx, people)?;
    problems.extend(named.as_ref().err().cloned());
    let Ok(named) = named else {
        return Err(Error::Invalid(problems));
    };
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    touch(tx, ctx, &case, version)?;
    let row = Restriction {
        id: ctx.new_id(),
        case_id: case.id.clone(),
        since: ctx.stamp(),
        restricted_by: ctx.actor.label(),
        reason: reason.clone(),
    };
    restrictions::insert(tx, &row)?;
    record(
        tx,
        ctx,
        Some(&case.id),
        None,
        &Event::CaseRestricted { reason },
    )?;
    named
        .into_iter()
        .try_for_each(|user_id| name(tx, ctx, &case, user_id))
}

/// The accounts, if all may be named and there is one.
fn known(tx: &mut Tx<'_>, people: &[String]) -> Outcome<Result<Vec<String>, Problem>> {
    if people.is_empty() {
        let words = "Choose at least one person who still sees the case";
        return Ok(Err(problem("person", "required", words)));
    }
    let mut ids: Vec<String> = people.to_vec();
    ids.sort();
    ids.dedup();
    for id in &ids {
        let user = accounts::by_id(tx.conn(), id)?;
        if user.as_ref().and_then(person).is_none() {
            let words = "Choose people from the list";
            return Ok(Err(problem("person", "code", words)));
        }
    }
    Ok(Ok(ids))
}

fn name(tx: &mut Tx<'_>, ctx: &Context, case: &Case, user_id: String) -> Outcome<()> {
    let row = Named {
        case_id: case.id.clone(),
        user_id: user_id.clone(),
        since: ctx.stamp(),
    };
    restrictions::name(tx, &row)?;
    record(tx, ctx, Some(&case.id), None, &Event::CaseNamed { user_id })
}

/// Names exactly these accounts on a restricted case, which is at the version that was read.
pub fn rename(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    version: i32,
    people: &[String],
) -> Outcome<()> {
    let case = restricted(tx, ctx, reference)?;
    let before = restrictions::named(tx.conn(), &case.id)?;
    let before: Vec<String> = before
        .into_iter()
        .map(|(place, ..)| place.user_id)
        .collect();
    let (kept, new): (Vec<String>, Vec<String>) =
        people.iter().cloned().partition(|id| before.contains(id));
    if kept.is_empty() || !new.is_empty() {
        match known(tx, if new.is_empty() { people } else { &new })? {
            Ok(_) => {}
            Err(problem) => return Err(Error::Invalid(vec![problem])),
        }
    }
    let gone: Vec<&String> = before.iter().filter(|id| !people.contains(id)).collect();
    if gone.is_empty() && new.is_empty() {
        tx.unchanged();
        return Ok(());
    }
    touch(tx, ctx, &case, version)?;
    for user_id in gone {
        restrictions::unname(tx, &case.id, user_id)?;
        let user_id = user_id.clone();
        record(
            tx,
            ctx,
            Some(&case.id),
            None,
            &Event::CaseUnnamed { user_id },
        )?;
    }
    new.into_iter()
        .try_for_each(|user_id| name(tx, ctx, &case, user_id))
}

/// Lifts the restriction of a case, which is at the version that was read.
pub fn lift(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    version: i32,
    reason: &str,
) -> Outcome<()> {
    let case = restricted(tx, ctx, reference)?;
    let reason = given_reason(reason, "Say why the restriction is lifted")?;
    touch(tx, ctx, &case, version)?;
    openings::end(tx, &case.id, ctx.stamp())?;
    restrictions::remove(tx, &case.id)?;
    record(
        tx,
        ctx,
        Some(&case.id),
        None,
        &Event::CaseUnrestricted { reason },
    )
}

/// The restricted case, for somebody named on it. Who only opened it for a while leaves the restriction as it
/// is, unless no coordinator who is named can sign in any more.
fn restricted(tx: &mut Tx<'_>, ctx: &Context, reference: &str) -> Outcome<Case> {
    let (case, facts) = access::reach(tx.conn(), ctx, reference, Verb::RestrictCase)?;
    if !facts.restricted {
        return Err(Error::Stale);
    }
    let me = ctx.actor.user_id().unwrap_or_default();
    let named = restrictions::named(tx.conn(), &case.id)?;
    let coordinator = Role::Coordinator.as_str();
    let abandoned = named
        .iter()
        .all(|(_, _, role, active)| !active || role != coordinator);
    if abandoned || named.iter().any(|(place, ..)| place.user_id == me) {
        return Ok(case);
    }
    Err(Error::Rule(
        "You opened this case for a while and are not named on it. Ask a person who is named to change the restriction."
            .into(),
    ))
}

/// Makes sure that nobody changed the case meanwhile, and that who reads it now sees a newer one.
fn touch(tx: &mut Tx<'_>, ctx: &Context, case: &Case, version: i32) -> Outcome<()> {
    if case.version != version {
        return Err(Error::Stale);
    }
    // What agencies answered on the one stands in the record of the other.
    let above = merges::of_case(tx.conn(), &case.id)?;
    if above.is_some() || !merges::under(tx.conn(), &case.id)?.is_empty() {
        let words = "This case is read with another since they were merged, and whoever reads the one reads both. Undo the merge first.";
        return Err(Error::Rule(words.into()));
    }
    let mut touched = case.clone();
    touched.updated_at = ctx.stamp();
    gather::save_case(tx, &touched, &case.state)
}
