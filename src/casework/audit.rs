//! Whether the audit trail still is what was written, and the signed checkpoints that are kept outside the
//! database. Must not know where a checkpoint lies.

use serde::{Deserialize, Serialize};

use super::secrets::{hex, unhex};
use super::{Context, House, Outcome};
use crate::domain::permission::{Facts, Verb};
use crate::store::Conn;
use crate::store::chain::{self, Broken, Head};

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

/// Walks the whole trail, against a checkpoint where there is one.
pub fn verify(
    conn: &mut Conn,
    ctx: &Context,
    checkpoint: Option<&Head>,
) -> Outcome<Result<Head, Broken>> {
    ctx.allow(Verb::ReadAudit, &Facts::default())?;
    Ok(chain::verify(conn, checkpoint)?)
}
