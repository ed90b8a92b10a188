//! What a case must have before it is listed for a panel, worked out from the case: met, waived with a reason, or holding.
//! Must not decide whether it is listed.

use std::collections::BTreeMap;

use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome, clocks, processes, triage};
use crate::domain::case::{CaseFacts, RequestStanding};
use crate::domain::clock::Occasion;
use crate::domain::panel::{Gate, Must, Standing};
use crate::domain::process::{Spoken, State};
use crate::store::Conn;
use crate::store::cases::Case;

/// The kind of process that the first need is about.
const POST_MORTEM: &str = "post_mortem";
/// What is said of something that the record speaks of.
const UNRECORDED: &str = "Nobody has recorded yet whether it runs beside the review.";

/// The gate of a case. `waived` holds the reasons that were given, by the code of what it goes on without.
pub fn gate(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    waived: &BTreeMap<String, String>,
) -> Outcome<Gate> {
    let known = Picture::load(conn, ctx, &case.id)?;
    let facts = triage::facts(conn, ctx, case, &known)?;
    let mut gate = Vec::new();
    for must in Must::ALL {
        let missing = match must {
            Must::PostMortem => post_mortem(conn, case, &facts)?,
            Must::Answers => answers(&facts),
            Must::Meeting => meeting(conn, ctx, case, &facts)?,
            Must::Processes => held(&facts),
            Must::Draft => (!facts.draft_analysis_received)
                .then(|| "There is no draft of the analysis.".to_owned()),
        };
        let why = waived.get(must.as_str()).map(|why| why.trim());
        let standing = match (missing, why.filter(|why| !why.is_empty())) {
            (None, _) => Standing::Met,
            (Some(_), Some(why)) => Standing::Waived(why.to_owned()),
            (Some(words), None) => Standing::Holding(words),
        };
        gate.push((*must, standing));
    }
    Ok(gate)
}

/// What is recorded beside the review knows better than what was notified.
fn post_mortem(conn: &mut Conn, case: &Case, facts: &CaseFacts) -> Outcome<Option<String>> {
    let rows = processes::beside(conn, &case.id)?;
    let mut rows = rows.iter().filter(|row| row.kind == POST_MORTEM);
    if rows.any(|row| row.state.parse().is_ok_and(State::is_open)) {
        return Ok(Some("The post-mortem examination is not concluded.".into()));
    }
    let mut spoken = facts.unrecorded.iter().filter(|s| s.kind == POST_MORTEM);
    Ok(spoken.next().map(unrecorded))
}

/// That the record speaks of something, in words.
fn unrecorded(spoken: &Spoken) -> String {
    format!("{} {UNRECORDED}", spoken.words)
}

fn answers(facts: &CaseFacts) -> Option<String> {
    let waiting: Vec<&str> = facts
        .requests
        .iter()
        .filter(|r| r.standing == RequestStanding::Waiting)
        .map(|r| r.agency.as_str())
        .collect();
    if !waiting.is_empty() {
        return Some(format!("Waiting for: {}.", waiting.join(", ")));
    }
    (!facts.forms_to_request.is_empty()).then(|| {
        let forms = facts.forms_to_request.join(", ");
        format!("Not asked for yet: {forms}.")
    })
}

fn meeting(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    facts: &CaseFacts,
) -> Outcome<Option<String>> {
    let told = facts.cdrm_held_on.is_some_and(|day| day <= ctx.today());
    let held = told || clocks::has_happened(conn, &case.id, Occasion::CdrmHeld)?;
    Ok((!held).then(|| "The review meeting was not held.".to_owned()))
}

fn held(facts: &CaseFacts) -> Option<String> {
    let what = facts.processes.iter().filter(|p| p.holds.panel);
    let what: Vec<&str> = what.map(|p| p.name.as_str()).collect();
    let mut words = Vec::new();
    if !what.is_empty() {
        words.push(format!("Held back by: {}.", what.join(", ")));
    }
    let spoken = facts.unrecorded.iter();
    words.extend(spoken.filter(|s| s.holds.panel).map(unrecorded));
    (!words.is_empty()).then(|| words.join(" "))
}
