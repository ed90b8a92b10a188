//! `cdr migrate`.

use std::process::ExitCode;

use cdr::casework::Error;
use cdr::store::grants;

use super::{Outcome, open};

/// Brings the schema to the current one; opening does it, so a second run changes nothing. Where the service has a role
/// of its own, the role is given what it needs of each table.
pub fn migrate() -> Outcome {
    let opened = open()?;
    if let Some(role) = opened.settings.service_role.clone() {
        let given = opened
            .db
            .read(|conn| Ok::<_, Error>(grants::give(conn, &role)?))
            .map_err(|e| opened.told(e))?;
        given.map_err(|unfit| vec![format!("CDR_SERVICE_ROLE: {role}: {}", unfit.words())])?;
        println!("{role} may read and add to the audit trail, and change nothing of it.");
    }
    println!("The database is at the current schema.");
    Ok(ExitCode::SUCCESS)
}
