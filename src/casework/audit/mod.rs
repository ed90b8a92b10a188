//! Whether the audit trail still is what was written, and the signed checkpoints that are kept outside the
//! database. Must not know where a checkpoint lies.

mod look;

use chrono::{DateTime, NaiveDateTime};
use serde::{Deserialize, Serialize};

pub use look::{Export, Line, STRETCH, Wanted, export, look, seen};

use super::secrets::{hex, unhex};
use super::{Context, House, Outcome, record};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::chain::{self, Broken, Head};
use crate::store::{Conn, Tx, events};

/// A checkpoint as one line of text.
#[derive(Serialize, Deserialize)]
struct Kept {
    seq: i64,
    mac: String,
    at: String,
    signature: String,
}

/// The newest row as a signed line.
pub fn checkpoint(ctx: &Context, head: &Head) -> String {
    let (mac, at) = (hex(&head.mac), ctx.now.to_rfc3339());
    let signature = signature(&ctx.house, head.seq, &mac, &at);
    let seq = head.seq;
    let kept = Kept {
        seq,
        mac,
        at,
        signature,
    };
    // Four plain fields always have a text.
    serde_json::to_string(&kept).unwrap_or_default()
}

/// The row that a checkpoint names; none when the line is not one that was signed with our key.
pub fn read_checkpoint(house: &House, line: &str) -> Option<Head> {
    let kept: Kept = serde_json::from_str(line.trim()).ok()?;
    let ours = signature(house, kept.seq, &kept.mac, &kept.at) == kept.signature;
    let head = Head {
        seq: kept.seq,
        mac: unhex(&kept.mac)?,
    };
    ours.then_some(head)
}

fn signature(house: &House, seq: i64, mac: &str, at: &str) -> String {
    house
        .secrets
        .hash("audit-checkpoint", &format!("{seq}\n{mac}\n{at}"))
}

/// Walks the whole trail, against every row that was signed and kept elsewhere.
pub fn verify(conn: &mut Conn, ctx: &Context, signed: &[Head]) -> Outcome<Result<Head, Broken>> {
    ctx.allow(Verb::ReadAudit, &Facts::default())?;
    Ok(chain::verify(conn, signed)?)
}

/// Keeps in the trail that a checkpoint is begun anew over what is there: whoever looks for a cut end knows from
/// where on none could be seen.
pub fn begun(tx: &mut Tx<'_>, ctx: &Context, events: u64) -> Outcome<()> {
    ctx.allow(Verb::ReadAudit, &Facts::default())?;
    record(tx, ctx, None, None, &Event::AuditBegun { events })
}

/// Keeps in the trail that it was walked, and what was found.
pub fn verified(tx: &mut Tx<'_>, ctx: &Context, events: u64, holds: bool) -> Outcome<()> {
    ctx.allow(Verb::ReadAudit, &Facts::default())?;
    record(tx, ctx, None, None, &Event::AuditVerified { events, holds })
}

/// How the trail stands, as far as that shows without walking it.
#[derive(Clone, Debug)]
pub struct Standing {
    pub rows: i64,
    pub checkpoint: Checkpoint,
    /// When the whole trail was last walked, and whether it held.
    pub walked: Option<(NaiveDateTime, bool)>,
}

/// Whether the trail holds the row that its last checkpoint signed, which has to be there: for whoever runs the service.
/// A trail without a row has nothing to hold.
pub fn reaches(conn: &mut Conn, house: &House, kept: Option<&str>) -> Outcome<bool> {
    Ok(match kept {
        None => chain::head(conn)?.seq == 0,
        Some(line) => match read_checkpoint(house, line) {
            Some(signed) => chain::holds(conn, &signed)?,
            None => false,
        },
    })
}

/// How the trail stands to its last checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkpoint {
    None,
    /// Not signed with our key.
    Foreign,
    /// The trail still holds the row that was signed.
    Holds {
        seq: i64,
        at: DateTime<chrono::Utc>,
    },
    /// It does not.
    Broken {
        seq: i64,
    },
}

/// How the trail stands; `kept` is the line of the last checkpoint.
pub fn standing(conn: &mut Conn, ctx: &Context, kept: Option<&str>) -> Outcome<Standing> {
    ctx.allow(Verb::ReadAudit, &Facts::default())?;
    let signed = kept.map(|line| (read_checkpoint(&ctx.house, line), at_of(line)));
    let checkpoint = match signed {
        None => Checkpoint::None,
        Some((Some(head), Some(at))) => {
            let seq = head.seq;
            if chain::holds(conn, &head)? {
                Checkpoint::Holds { seq, at }
            } else {
                Checkpoint::Broken { seq }
            }
        }
        Some(_) => Checkpoint::Foreign,
    };
    let walked = events::latest(conn, "audit_verified", 1)?
        .into_iter()
        .next()
        .map(|row| {
            let event = serde_json::from_str::<Event>(&row.detail);
            let holds = matches!(event, Ok(Event::AuditVerified { holds: true, .. }));
            (row.at, holds)
        });
    Ok(Standing {
        rows: chain::head(conn)?.seq,
        checkpoint,
        walked,
    })
}

fn at_of(line: &str) -> Option<DateTime<chrono::Utc>> {
    let kept: Kept = serde_json::from_str(line.trim()).ok()?;
    kept.at.parse().ok()
}
