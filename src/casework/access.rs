//! How the person who asks stands to one case, and the one way in which a page or a verb reaches a case or a
//! notification. Whoever comes this way is noted in the audit trail. Must not know what is then shown or done.

use chrono::{Days, NaiveDate, NaiveDateTime};

use super::panels::item_is_signed;
use super::picture::case_by_reference;
use super::{Context, Error, Outcome};
use crate::domain::calendar::london;
use crate::domain::event::Event;
use crate::domain::panel::{Interest, ItemState, SHUTS};
use crate::domain::permission::{Facts, Scope, Verb, is_of_panel, may, scope};
use crate::store::cases::{self, Case, Person, Sight};
use crate::store::notifications::{self, Notification};
use crate::store::{Conn, accounts, case_people, meetings, merges, openings, panels, restrictions};

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

/// For whose eyes a list is that this person asks for. A restricted case is only in the lists of those named on
/// it: who opened one for a while goes to it by its reference.
pub fn sight(ctx: &Context) -> Sight {
    Sight {
        assigned_to: own_cases(ctx),
        reader: ctx.actor.user_id().unwrap_or_default().to_owned(),
    }
}

/// What is true between the person who asks and a case.
pub fn facts(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Facts> {
    let assigned = match own_cases(ctx) {
        // An account whose role changed is not assigned in the new one.
        Some(person) => case_people::get(conn, &case.id, &person.user_id)?
            .is_some_and(|place| place.role == person.role),
        None => false,
    };
    let restricted = restrictions::is_restricted(conn, &case.id)?;
    let named = restricted && named(conn, ctx, case)?;
    let (listed, conflict) = at_panel(conn, ctx, case)?;
    Ok(Facts {
        assigned,
        listed,
        conflict,
        restricted,
        named,
        ..Facts::default()
    })
}

/// Whether the case is listed for a panel of the person's, and whether it is not for them: a personal interest that was
/// declared once holds at every panel.
fn at_panel(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<(bool, bool)> {
    let (Some(user_id), true) = (ctx.actor.user_id(), ctx.actor.role().is_some()) else {
        return Ok((false, false));
    };
    let conflict = is_personal(conn, user_id, &case.id)?;
    let listed = scope(&ctx.actor) == Scope::Listed && is_before(conn, ctx, user_id, case)?;
    Ok((listed, conflict))
}

/// Whether a case is before a panel of this account: until the panel's reading room is shut, and for whoever chairs the
/// item until the analysis is signed.
fn is_before(conn: &mut Conn, ctx: &Context, user_id: &str, case: &Case) -> Outcome<bool> {
    let places = panels::places_of(conn, &case.id, user_id)?;
    if places
        .iter()
        .any(|place| ctx.today() <= shuts(place.starts_at))
    {
        return Ok(true);
    }
    // What a later panel took up is that panel's.
    let taken_off = ItemState::TakenOff.as_str();
    let last = panels::of_case(conn, &case.id)?
        .into_iter()
        .rfind(|item| item.state != taken_off);
    let is_last = |id: &str| last.as_ref().is_some_and(|item| item.id == id);
    for place in places
        .iter()
        .filter(|place| place.chairs && is_last(&place.item_id))
    {
        let to_sign = matches!(
            place.state.parse(),
            Ok(ItemState::Listed | ItemState::Reviewed)
        );
        if to_sign && !item_is_signed(conn, ctx, case, &place.item_id)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The last day, in London, on which members have what is before a panel that begins at this moment.
pub(super) fn shuts(starts_at: NaiveDateTime) -> NaiveDate {
    london(starts_at.and_utc()).date() + Days::new(SHUTS)
}

/// Whether an account ever declared a personal interest in a case, or in one that is read with it since they were merged;
/// also one that was recorded for the same address before there was an account.
pub(super) fn is_personal(conn: &mut Conn, user_id: &str, case_id: &str) -> Outcome<bool> {
    let one = read_with(conn, case_id)?;
    let declared = panels::declared_in(conn, user_id, Interest::Personal.as_str())?;
    if one.iter().any(|id| declared.contains(id)) {
        return Ok(true);
    }
    let by_name = panels::declared_by_name(conn, &one, Interest::Personal.as_str())?;
    if by_name.is_empty() {
        return Ok(false);
    }
    match accounts::by_id(conn, user_id)? {
        Some(user) => is_of_address(conn, &by_name, &user.email),
        None => Ok(false),
    }
}

/// The same of somebody put down for a panel, with an account or without.
pub(super) fn is_personal_of(
    conn: &mut Conn,
    person: &meetings::Invited,
    case_id: &str,
) -> Outcome<bool> {
    if let Some(user) = &person.user_id {
        return is_personal(conn, user, case_id);
    }
    let Some(email) = &person.email else {
        return Ok(false);
    };
    let one = read_with(conn, case_id)?;
    let by_name = panels::declared_by_name(conn, &one, Interest::Personal.as_str())?;
    is_of_address(conn, &by_name, email)
}

/// Whether one of these people put down for a meeting has this address.
fn is_of_address(conn: &mut Conn, people: &[String], email: &str) -> Outcome<bool> {
    let folded = |text: &str| text.trim().to_lowercase();
    for id in people {
        let person = meetings::invited(conn, id)?;
        let own = person.and_then(|person| person.email);
        if own.is_some_and(|own| folded(&own) == folded(email)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A case with those that are read with it since they were merged.
fn read_with(conn: &mut Conn, case_id: &str) -> Outcome<Vec<String>> {
    let mut one = vec![case_id.to_owned()];
    let mut seen = 0;
    while let Some(id) = one.get(seen).cloned() {
        seen += 1;
        let beside = merges::of_case(conn, &id)?.map(|row| row.into_id);
        let under = merges::under(conn, &id)?.into_iter().map(|row| row.case_id);
        let near: Vec<String> = under.chain(beside).collect();
        one.extend(
            near.into_iter()
                .filter(|id| !one.contains(id))
                .collect::<Vec<_>>(),
        );
    }
    Ok(one)
}

/// Whether the person is named on a restricted case, or opened it a short while ago.
fn named(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<bool> {
    let Some(user_id) = ctx.actor.user_id() else {
        return Ok(false);
    };
    if restrictions::is_named(conn, &case.id, user_id)? {
        return Ok(true);
    }
    let open = openings::live(conn, &case.id, user_id, ctx.stamp())?;
    if let Some((until, why)) = &open {
        ctx.noted.through(*until, why.clone());
    }
    Ok(open.is_some())
}

/// Refuses who may never do this, whatever the case.
pub(super) fn ever(ctx: &Context, verb: Verb) -> Outcome<()> {
    let best = Facts {
        assigned: true,
        holds_request: true,
        listed: true,
        ..Facts::default()
    };
    if may(&ctx.actor, verb, &best) {
        return Ok(());
    }
    ctx.refuse(None)?;
    Err(Error::Forbidden)
}

/// The case behind a reference, for a verb. Who may never do it is told so whether or not the case is there;
/// for who may on cases of their own, a case that is not theirs is simply not there.
pub fn reach(
    conn: &mut Conn,
    ctx: &Context,
    reference: &str,
    verb: Verb,
) -> Outcome<(Case, Facts)> {
    ever(ctx, verb)?;
    let case = match case_by_reference(conn, reference) {
        Err(Error::NotFound) => {
            // Written like a refusal, so that the two take the same time.
            ctx.refuse(None)?;
            return Err(Error::NotFound);
        }
        other => other?,
    };
    let facts = stand(conn, ctx, &case, verb)?;
    let page = ctx.page.clone();
    ctx.note(Some(&case.id), None, &Event::CaseRead { page })?;
    Ok((case, facts))
}

/// What is true of a case that was found through something of it, when the verb is allowed.
pub fn stand(conn: &mut Conn, ctx: &Context, case: &Case, verb: Verb) -> Outcome<Facts> {
    let facts = facts(conn, ctx, case)?;
    if may(&ctx.actor, verb, &facts) {
        return Ok(facts);
    }
    ctx.refuse(Some(&case.id))?;
    // Whoever has an interest is not led to the case from a panel either.
    let by_interest = facts.conflict && is_of_panel(verb);
    if !by_interest && may(&ctx.actor, Verb::OpenRestricted, &facts) {
        return Err(Error::Restricted(case.reference.clone()));
    }
    Err(Error::NotFound)
}

/// A notification that was sent, for a verb. What became a restricted case is not there for who is not named.
pub fn notification(conn: &mut Conn, ctx: &Context, id: &str, verb: Verb) -> Outcome<Notification> {
    ever(ctx, verb)?;
    let found = notifications::get(conn, id)?.filter(|n| n.state != "draft");
    let Some(row) = found else {
        ctx.refuse(None)?;
        return Err(Error::NotFound);
    };
    if let Some(case_id) = &row.case_id {
        let case = cases::get(conn, case_id)?.ok_or(Error::NotFound)?;
        let facts = facts(conn, ctx, &case)?;
        if !may(&ctx.actor, verb, &facts) {
            ctx.refuse(Some(&case.id))?;
            return Err(Error::NotFound);
        }
    }
    ctx.note(
        row.case_id.as_deref(),
        Some(&row.id),
        &Event::NotificationRead {},
    )?;
    Ok(row)
}
