//! Finds the reminders that are due and has them written. Several servers may run it: each rung is taken once. Must
//! not know what a reminder says, nor send one.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Stop;
use crate::casework::{Context, Error, House, remind, years};
use crate::domain::actor::Actor;
use crate::store::Db;

/// How often is looked.
const PAUSE: Duration = Duration::from_secs(20);
/// Clocks looked at in one round.
const SOME: i64 = 200;

/// Writes every reminder that is due at `now`; says how many letters.
pub fn remind_due(db: &Db, house: &Arc<House>, now: DateTime<Utc>) -> Result<usize, Error> {
    let ctx = Context::new(house, now, Actor::job("remind"), "remind");
    let ids = db.read(|conn| remind::reached(conn, &ctx, SOME))?;
    let mut letters = 0;
    for id in ids {
        let ctx = ctx.clone();
        match db.write(move |tx| remind::climb(tx, &ctx, &id)) {
            Ok(written) => letters += written,
            // One clock that cannot be read must not keep the others from being reminded of.
            Err(e) => tracing::warn!(fault = ?e, "a reminder could not be written"),
        }
    }
    match db.write(move |tx| years::remind(tx, &ctx)) {
        Ok(written) => letters += written,
        Err(e) => tracing::warn!(fault = ?e, "what is owed for a year could not be reminded of"),
    }
    Ok(letters)
}

/// Keeps reminding until the process ends.
pub fn keep_reminding(
    db: Db,
    house: Arc<House>,
    clock: impl Fn() -> DateTime<Utc> + Send + 'static,
    stop: Stop,
) {
    std::thread::spawn(move || {
        loop {
            if let Err(e) = remind_due(&db, &house, clock()) {
                tracing::warn!(fault = ?e, "reminders could not be looked for");
            }
            if !stop.pause(PAUSE) {
                return;
            }
        }
    });
}
