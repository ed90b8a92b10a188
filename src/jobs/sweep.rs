//! Sets aside sealed files that no row names: what is left when the program ends between keeping a file and writing
//! its row. Only what has lain for a day is moved, so that nothing is met on its way in, and nothing is destroyed: a
//! service started on the wrong database must not cost a document. Must not read any file.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Stop;
use crate::casework::Error;
use crate::store::vault::Vault;
use crate::store::{Db, documents, transfers};

/// How long a file may lie without a row.
const GRACE: chrono::Duration = chrono::Duration::days(1);
/// How often is looked.
const PAUSE: Duration = Duration::from_hours(6);
/// Ids asked about at once.
const SOME: usize = 500;

/// Sets them aside; says how many.
pub fn sweep(db: &Db, vault: &Vault, now: DateTime<Utc>) -> Result<usize, Error> {
    let mut gone = 0;
    for ids in vault.older_than(now - GRACE)?.chunks(SOME) {
        let named = db.read(|conn| {
            let mut named = documents::named(conn, ids)?;
            named.extend(transfers::named(conn, ids)?);
            Ok::<_, Error>(named)
        })?;
        for id in ids.iter().filter(|id| !named.contains(id)) {
            vault.set_aside(id)?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// Keeps sweeping until the process ends.
pub fn keep_sweeping(
    db: Db,
    vault: Vault,
    clock: impl Fn() -> DateTime<Utc> + Send + 'static,
    stop: Stop,
) {
    std::thread::spawn(move || {
        loop {
            match sweep(&db, &vault, clock()) {
                Ok(0) => {}
                Ok(gone) => tracing::info!(gone, "files without a row were set aside"),
                Err(e) => tracing::warn!(fault = ?e, "files without a row could not be looked for"),
            }
            if !stop.pause(PAUSE) {
                return;
            }
        }
    });
}
