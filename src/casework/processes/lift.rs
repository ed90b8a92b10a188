//! What happens when a process does not hold a case back any more: if nothing else does, the case moves on by itself
//! and the team is told. Must not know why the process ended.

use super::{Outcome, held, holds_of};
use crate::casework::{Context, Error, clocks, letters, merge, picture, record, triage};
use crate::domain::case::State as CaseState;
use crate::domain::clock::Occasion;
use crate::domain::event::Event;
use crate::domain::process::{Holds, Kind, move_after};
use crate::store::Tx;
use crate::store::cases::{self, Case};
use crate::store::processes::Process;

/// Looks whether the last hold of a kind was lifted, and what follows: for the case that goes on, where this one is read
/// under another.
pub fn lifted(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    kind: &Kind,
    before: &Process,
    after: &Process,
) -> Outcome<()> {
    let case = merge::reviewed_as(tx.conn(), case)?;
    let left = held(tx.conn(), &case.id)?;
    let own = holds_of(after)?.lifted_since(holds_of(before)?);
    // What another process still holds is not lifted.
    let gone = Holds {
        meeting: own.meeting && !left.meeting,
        panel: own.panel && !left.panel,
    };
    if !gone.any() {
        return Ok(());
    }
    let event = Event::HoldsLifted {
        process_id: after.id.clone(),
        label: kind.label.clone(),
        meeting: gone.meeting,
        panel: gone.panel,
    };
    record(tx, ctx, Some(&case.id), Some(&after.id), &event)?;
    // As it stands now: the clocks may have touched it.
    let case = cases::get(tx.conn(), &case.id)?.ok_or(Error::NotFound)?;
    let state: CaseState = case
        .state
        .parse()
        .map_err(|_| Error::Internal("an unknown state is stored".into()))?;
    if !state.is_open() {
        return Ok(());
    }
    let moved = move_after(state, meeting_held(tx, ctx, &case)?, gone, left);
    let stands = match moved {
        Some(mv) => {
            let why = format!("Nothing holds it back any more: {}.", kind.label);
            triage::step(tx, ctx, &case, mv, &why)?
        }
        None => state,
    };
    let told = letters::HoldsLifted {
        case_id: &case.id,
        reference: &case.reference,
        key: format!("{}:{}", after.id, after.version),
        stands,
        moved: moved.is_some(),
    };
    letters::holds_lifted(tx, ctx, &told)
}

/// The meeting was held when it was recorded by hand, or when a form gives its day.
fn meeting_held(tx: &mut Tx<'_>, ctx: &Context, case: &Case) -> Outcome<bool> {
    if case.state == CaseState::CdrmHeld.as_str()
        || clocks::has_happened(tx.conn(), &case.id, Occasion::CdrmHeld)?
    {
        return Ok(true);
    }
    let known = picture::Picture::load(tx.conn(), ctx, &case.id)?;
    let facts = triage::facts(tx.conn(), ctx, case, &known)?;
    Ok(facts.cdrm_held_on.is_some_and(|day| day <= ctx.today()))
}
