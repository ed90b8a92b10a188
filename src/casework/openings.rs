//! Opening a restricted case without being named on it: with a reason, for four hours, told to every auditor at
//! once, and reviewed by one afterwards. Must not know how a second factor is checked.

use super::gather::given_reason;
use super::people::problem;
use super::{Context, Error, Outcome, access, letters, record};
use crate::domain::actor::Role;
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb, may};
use crate::domain::restriction::{Finding, OPEN_FOR, Why};
use crate::store::accounts::User;
use crate::store::openings::{self, Opening};
use crate::store::{Conn, Tx, accounts};

/// What a reader finds at a restricted case's door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The case may be read as it is.
    Open,
    /// It may be opened with a reason.
    Shut,
}

/// How a case's door stands for this reader; for everybody else there is no such case. Tells nothing of it.
pub fn door(conn: &mut Conn, ctx: &Context, reference: &str) -> Outcome<Door> {
    match access::reach(conn, ctx, reference, Verb::OpenRestricted) {
        Ok((_, facts)) if facts.restricted && !facts.named => {
            // Nothing of the case was shown.
            ctx.noted.forget_seen();
            Ok(Door::Shut)
        }
        Ok(_) => {
            ctx.noted.forget_seen();
            Ok(Door::Open)
        }
        Err(error) => Err(error),
    }
}

/// Opens a restricted case to the person who asks.
pub fn open(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    why: Option<Why>,
    words: &str,
) -> Outcome<()> {
    let (case, facts) = access::reach(tx.conn(), ctx, reference, Verb::OpenRestricted)?;
    let user_id = ctx.actor.user_id().ok_or(Error::Forbidden)?.to_owned();
    if !facts.restricted || facts.named {
        tx.unchanged();
        return Ok(());
    }
    let mut problems = Vec::new();
    if why.is_none() {
        let words = "Choose why you open the case";
        problems.push(problem("why", "required", words));
    }
    match given_reason(words, "Say in your own words why you open the case") {
        Err(Error::Invalid(found)) => problems.extend(found),
        Err(other) => return Err(other),
        Ok(_) => {}
    }
    let (Some(why), true) = (why, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    let row = Opening {
        id: ctx.new_id(),
        case_id: case.id.clone(),
        user_id,
        opened_by: ctx.actor.label(),
        why: why.as_str().to_owned(),
        opened_at: ctx.stamp(),
        ends_at: ctx.stamp() + OPEN_FOR,
        reviewed_at: None,
        reviewed_by: None,
        outcome: None,
        version: 1,
        words: words.trim().to_owned(),
        review: None,
    };
    openings::insert(tx, &row)?;
    let event = Event::RestrictedCaseOpened {
        opening_id: row.id.clone(),
        why,
        until: row.ends_at,
        reason: row.words.clone(),
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    tell(tx, ctx, &row.id)
}

/// To every auditor, at once; where there is none, to those who can make one, and without them to the team. The mail tells
/// neither the case nor who opened it.
fn tell(tx: &mut Tx<'_>, ctx: &Context, opening: &str) -> Outcome<()> {
    let (auditors, others) = hearers(tx, ctx)?;
    for auditor in &auditors {
        letters::case_opened(tx, ctx, opening, auditor)?;
    }
    for email in &others {
        letters::nobody_reviews(tx, ctx, opening, email)?;
    }
    Ok(())
}

/// A restricted case goes to the national database in a package of somebody who is not named on it. That is a duty and waits
/// for no review; the same people hear of it, as neutrally.
pub(super) fn left(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<()> {
    let (auditors, others) = hearers(tx, ctx)?;
    let key = ctx.new_id();
    let emails = auditors.iter().map(|auditor| &auditor.email);
    emails
        .chain(&others)
        .try_for_each(|email| letters::case_left(tx, ctx, &key, email))
}

/// The auditors who can sign in and, only where there is none, the addresses of the administrators or of the team.
fn hearers(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<(Vec<User>, Vec<String>)> {
    let active = accounts::list(tx.conn())?
        .into_iter()
        .filter(|user| user.active);
    let (mut auditors, mut administrators) = (Vec::new(), Vec::new());
    for user in active {
        match user.role.parse() {
            Ok(Role::Auditor) => auditors.push(user),
            Ok(Role::Administrator) => administrators.push(user.email),
            _ => {}
        }
    }
    if !auditors.is_empty() {
        administrators.clear();
    } else if administrators.is_empty() {
        administrators.push(ctx.house.area.email.clone());
    }
    Ok((auditors, administrators))
}

/// The newest openings with the case's reference; those that wait for a review come first.
pub fn list(conn: &mut Conn, ctx: &Context, most: i64) -> Outcome<Vec<(Opening, String)>> {
    ctx.allow(Verb::ReadAudit, &Facts::default())?;
    let found = openings::latest(conn, most)?;
    let event = Event::AuditRead {
        filters: vec!["openings".to_owned()],
        rows: found.len(),
    };
    ctx.note(None, None, &event)?;
    Ok(found)
}

/// How many openings wait for a review; none for who does not review them.
pub fn waiting(conn: &mut Conn, ctx: &Context) -> Outcome<Option<i64>> {
    if may(&ctx.actor, Verb::ReadAudit, &Facts::default()) {
        Ok(Some(openings::waiting(conn)?))
    } else {
        Ok(None)
    }
}

/// Whether this person opened it: then somebody else reviews it, whatever role the person has by now.
pub fn is_own(ctx: &Context, row: &Opening) -> bool {
    ctx.actor.user_id() == Some(row.user_id.as_str())
}

/// Records what an auditor finds of an opening.
pub fn review(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    finding: Option<Finding>,
    words: &str,
) -> Outcome<()> {
    ctx.allow(Verb::ReviewOpening, &Facts::default())?;
    let mut row = openings::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    if row.reviewed_at.is_some() {
        return Err(Error::Rule("This opening was reviewed already.".into()));
    }
    let mut problems = Vec::new();
    if is_own(ctx, &row) {
        let words = "You opened this case yourself. Another auditor reviews it";
        problems.push(problem("finding", "own", words));
    } else if finding.is_none() {
        let words = "Choose what you find";
        problems.push(problem("finding", "required", words));
    }
    match given_reason(words, "Say what you looked at and why you find so") {
        Err(Error::Invalid(found)) => problems.extend(found),
        Err(other) => return Err(other),
        Ok(_) => {}
    }
    let (Some(finding), true) = (finding, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    row.reviewed_at = Some(ctx.stamp());
    row.reviewed_by = Some(ctx.actor.label());
    row.outcome = Some(finding.as_str().to_owned());
    row.review = Some(words.trim().to_owned());
    if !openings::save(tx, &row)? {
        return Err(Error::Stale);
    }
    let event = Event::OpeningReviewed {
        opening_id: row.id.clone(),
        finding,
        reason: words.trim().to_owned(),
    };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)
}
