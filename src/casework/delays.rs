//! The growing wait after wrong passwords and codes, for each account and each source, counted in the database over all
//! servers and across their starts. A stranger can make strangers wait, never the person who signed in from the same
//! place before, and nobody for good. Must not know whether an address has an account.

use chrono::Duration;

use super::{Context, Outcome};
use crate::store::tries::{self, Count};
use crate::store::{StoreError, Tx};

/// Wrong tries that cost nothing: people mistype.
const FREE: i32 = 5;
/// The longest wait.
const LONGEST: Duration = Duration::minutes(15);
/// After this much quiet a count is forgotten, which keeps the table as small as the last hour.
const FORGET: Duration = Duration::hours(1);

/// How long to wait after this many wrong tries in a row.
pub fn wait(wrong: i32) -> Duration {
    if wrong < FREE {
        return Duration::zero();
    }
    let seconds = 1_i64 << (wrong - FREE).clamp(0, 20);
    Duration::seconds(seconds).min(LONGEST)
}

/// Who tries, from where, and whether this account was signed in to from there before.
#[derive(Clone, Debug)]
pub struct Try {
    pub account: String,
    pub source: String,
    pub known: bool,
}

impl Try {
    /// What is counted. A known source has a count of its own with the account, which no stranger can raise.
    fn marks(&self, ctx: &Context) -> Vec<String> {
        let keys = if self.known {
            vec![format!("both:{}:{}", self.account, self.source)]
        } else {
            vec![
                format!("account:{}", self.account),
                format!("source:{}", self.source),
            ]
        };
        let hashed = keys.iter().map(|key| ctx.house.secrets.hash("try", key));
        hashed.collect()
    }
}

/// One after the other, whichever server: many at one moment gain nothing.
fn alone(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.unchanged();
    tx.hold("tries")
}

/// Begins a try, which counts as wrong until [`undo`]. Gives what is left of the wait when it may not be made.
pub fn begin(tx: &mut Tx<'_>, ctx: &Context, attempt: &Try) -> Outcome<Option<Duration>> {
    alone(tx)?;
    tries::forget_before(tx, ctx.stamp() - FORGET)?;
    let marks = attempt.marks(ctx);
    let counts = tries::of(tx.conn(), &marks)?;
    let left = counts
        .iter()
        // Of two at one moment the later may come first: what costs nothing waits for nothing.
        .filter(|count| count.wrong >= FREE)
        .map(|count| count.last_at + wait(count.wrong) - ctx.stamp())
        .max()
        .filter(|left| *left > Duration::zero());
    if left.is_some() {
        return Ok(left);
    }
    for mark in marks {
        let wrong = counts.iter().find(|count| count.mark == mark);
        let row = Count {
            wrong: wrong.map_or(0, |count| count.wrong).saturating_add(1),
            last_at: ctx.stamp(),
            mark,
        };
        tries::put(tx, &row)?;
    }
    Ok(None)
}

/// Takes back the count of a try that was right.
pub fn undo(tx: &mut Tx<'_>, ctx: &Context, attempt: &Try) -> Outcome<()> {
    alone(tx)?;
    for count in tries::of(tx.conn(), &attempt.marks(ctx))? {
        let wrong = count.wrong.saturating_sub(1).max(0);
        tries::put(tx, &Count { wrong, ..count })?;
    }
    Ok(())
}

/// Takes back the count of a last try that was right, and forgets the wrong tries of somebody who then signed in. What
/// strangers did elsewhere stays counted.
pub fn right(tx: &mut Tx<'_>, ctx: &Context, attempt: &Try) -> Outcome<()> {
    undo(tx, ctx, attempt)?;
    let both = Try {
        known: true,
        ..attempt.clone()
    };
    Ok(tries::forget(tx, &both.marks(ctx))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_ends() {
        assert_eq!(wait(4), Duration::zero());
        let waits: Vec<i64> = (5..9).map(|n| wait(n).num_seconds()).collect();
        assert_eq!(waits, [1, 2, 4, 8]);
        assert_eq!(wait(i32::MAX), LONGEST);
        for n in -1..60 {
            assert!(wait(n) <= wait(n + 1));
        }
        assert!(
            LONGEST < FORGET,
            "a wait is over before its count is forgotten"
        );
    }
}
