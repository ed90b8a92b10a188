//! Counts deaths against the years before, some times a day: the same count twice changes nothing. Must not know what is
//! unusual, nor tell anybody.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Stop;
use crate::casework::{Context, Error, House, clusters};
use crate::domain::actor::Actor;
use crate::store::Db;

/// How often is counted: a day ends at another hour in winter and in summer.
const PAUSE: Duration = Duration::from_hours(6);

/// Counts once, as of `now`; says how many counts are new or have grown.
pub fn count_now(db: &Db, house: &Arc<House>, now: DateTime<Utc>) -> Result<usize, Error> {
    let ctx = Context::new(house, now, Actor::job("clusters"), "clusters");
    db.write(move |tx| clusters::count(tx, &ctx))
}

/// Keeps counting until the process ends.
pub fn keep_counting(
    db: Db,
    house: Arc<House>,
    clock: impl Fn() -> DateTime<Utc> + Send + 'static,
    stop: Stop,
) {
    std::thread::spawn(move || {
        loop {
            if let Err(e) = count_now(&db, &house, clock()) {
                tracing::warn!(fault = ?e, "deaths could not be counted");
            }
            if !stop.pause(PAUSE) {
                return;
            }
        }
    });
}
