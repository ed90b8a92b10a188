//! What a case must have before it is listed for a panel, worked out from the case: met, waived with a reason, or holding.
//! Must not decide whether it is listed.

use std::collections::BTreeMap;

use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome, clocks, processes, triage};
use crate::domain::case::{CaseFacts, RequestStanding};
use crate::domain::clock::Occasion;
use crate::domain::panel::{Gate, Must, Standing};
use crate::domain::process::State;
use crate::store::Conn;
use crate::store::cases::Case;

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
            Must::PostMortem => post_mortem(conn, case, &known)?,
            Must::Answers => answers(&facts),
            Must::Meeting => meeting(conn, ctx, case, &facts)?,
            Must::Processes => held(conn, case, &facts)?,
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
fn post_mortem(conn: &mut Conn, case: &Case, known: &Picture) -> Outcome<Option<String>> {
    let rows = processes::beside(conn, &case.id)?;
    let rows: Vec<State> = rows
        .iter()
        .filter(|row| row.kind == "post_mortem")
        .filter_map(|row| row.state.parse().ok())
        .collect();
    if !rows.is_empty() {
        let open = rows.iter().any(|state| state.is_open());
        return Ok(open.then(|| "The post-mortem examination is not concluded.".to_owned()));
    }
    let asked = known
        .answers("notification")
        .and_then(|n| n.choice("post_mortem_required"));
    let words = "A post-mortem examination was called for, and none is recorded as concluded.";
    Ok((asked == Some("yes")).then(|| words.to_owned()))
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

fn held(conn: &mut Conn, case: &Case, facts: &CaseFacts) -> Outcome<Option<String>> {
    if !processes::held(conn, &case.id)?.panel {
        return Ok(None);
    }
    let what = facts.processes.iter().filter(|p| p.holds.panel);
    let what: Vec<&str> = what.map(|p| p.name.as_str()).collect();
    Ok(Some(format!("Held back by: {}.", what.join(", "))))
}
