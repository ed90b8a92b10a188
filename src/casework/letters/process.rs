//! The words that tell the team that nothing holds a case back any more. They name no child and no process.

use super::{Letter, queue};
use crate::casework::{Context, Outcome};
use crate::domain::case::State;
use crate::store::{Tx, restrictions};

/// Nothing holds a case back any more.
pub struct HoldsLifted<'a> {
    pub case_id: &'a str,
    pub reference: &'a str,
    /// The process and its version: one letter each.
    pub key: String,
    /// Where the case stands now.
    pub stands: State,
    pub moved: bool,
}

/// To the team. Who reads its mailbox may not read every case, so that a restricted one is not named.
pub fn holds_lifted(tx: &mut Tx<'_>, ctx: &Context, told: &HoldsLifted<'_>) -> Outcome<()> {
    let restricted = restrictions::is_restricted(tx.conn(), told.case_id)?;
    let base = &ctx.house.base_url;
    let (case, place) = if restricted {
        ("a case".to_owned(), format!("{base}/cases"))
    } else {
        let reference = told.reference;
        (
            format!("case {reference}"),
            format!("{base}/cases/{reference}"),
        )
    };
    let stands = told.stands.label();
    let now = if told.moved {
        format!("It was moved to the stage “{stands}” by itself.")
    } else {
        format!("It stays at the stage “{stands}”.")
    };
    let to = ctx.house.area.email.clone();
    let letter = Letter {
        name: "holds_lifted",
        key: format!("holds_lifted:{}", told.key),
        to: &to,
        subject: "A case is not held back any more",
        body: format!(
            "Another process that {case} waited for does not hold it back any more. {now}\n\nSign in and look at \
             it:\n{place}"
        ),
        case_id: Some(told.case_id),
        request_id: None,
    };
    queue(tx, ctx, letter)
}
