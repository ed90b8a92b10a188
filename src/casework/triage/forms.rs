//! The supplementary forms that a case's circumstances open: which there are, which nobody has been asked for, and letting
//! one off. Must not ask anybody.

use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome};
use crate::domain::supplementary;
use crate::store::cases::Case;
use crate::store::{Conn, Tx, merges, requests, responses};

/// Notes that a form is not needed on a case.
pub(in crate::casework) fn waive(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    form: &str,
    reason: &str,
) -> Outcome<()> {
    Ok(requests::waive(
        tx,
        &case.id,
        form,
        reason,
        &ctx.actor.label(),
        ctx.stamp(),
    )?)
}

/// The supplementary forms that the circumstances open and that nobody has been asked for or has waived.
pub fn forms_to_request(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    known: &Picture,
) -> Outcome<Vec<supplementary::Opened>> {
    let together = merges::together(conn, &case.id)?;
    let mut done: Vec<String> = requests::waivers_of(conn, &together)?
        .into_iter()
        .map(|(_, form, _)| form)
        .collect();
    for request in requests::of_cases(conn, &together)? {
        if request.state != "withdrawn" {
            done.extend(
                responses::of_request(conn, &request.id)?
                    .into_iter()
                    // Let off by a nil return: somebody else may know.
                    .filter(|r| r.state != "waived")
                    .map(|r| r.form),
            );
        }
    }
    done.extend(known.forms.keys().cloned());
    Ok(opened(ctx, known)
        .into_iter()
        .filter(|o| !done.contains(&o.form))
        .collect())
}

/// Every supplementary form that the circumstances open.
pub fn opened(ctx: &Context, known: &Picture) -> Vec<supplementary::Opened> {
    supplementary::opened(ctx.house.dictionary(), &ctx.house.openings, &known.record())
}
