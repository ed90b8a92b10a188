//! The demonstration's people who see only their own cases, each assigned to some. Must not make accounts:
//! where the demonstration's are not there, nobody is assigned.

use super::{World, life, people};
use crate::casework::{Outcome, assign};
use crate::domain::actor::Role;
use crate::store::cases::{self, Filter, Sort};
use crate::store::{Tx, accounts};

/// The newest open cases, among which the three are spread.
const AMONG: i64 = 12;

/// Assigns them as of the end of the caseload.
pub fn some(tx: &mut Tx<'_>, world: &World) -> Outcome<()> {
    let open = Filter {
        open: Some(true),
        ..Filter::default()
    };
    let newest = cases::page(tx.conn(), &open, Sort::Opened, None, AMONG)?;
    let ctx = life::coordinator(world, world.end);
    for role in assign::ROLES {
        let actor = people::actor(role);
        let Some(id) = actor.user_id() else { continue };
        if accounts::by_id(tx.conn(), id)?.is_none() {
            continue;
        }
        for (place, case) in newest.iter().enumerate() {
            if takes(role, place)
                && let Some(now) = cases::get(tx.conn(), &case.id)?
            {
                assign::assign(tx, &ctx, &now.reference, id, now.version)?;
            }
        }
    }
    Ok(())
}

/// Each of the three has about half of the cases, and no two the same.
fn takes(role: Role, place: usize) -> bool {
    match role {
        Role::KeyWorker => place.is_multiple_of(2),
        Role::CdrmChair => place % 3 != 1,
        _ => (place / 3).is_multiple_of(2),
    }
}
