//! The growing wait after wrong passwords and codes, for each account and each source, counted in the database over all
//! servers and across their starts. A source waits for what was wrong from there. What was wrong from everywhere else holds
//! an account up for half a minute, after which a source has its turn, however many others keep trying; a browser in which
//! the person signed in before is not held up by any of it. Must not know whether an address has an account.

use chrono::Duration;

use super::{Context, Outcome};
use crate::store::tries::{self, Count};
use crate::store::{Conn, StoreError, Tx};

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

/// How long a count over all sources may hold up a source that did nothing wrong itself. What others at the same source did
/// holds up for [`LONGEST`] at most, however many keep trying.
const LONGEST_BY_OTHERS: Duration = Duration::seconds(30);

/// Who tries, from where, and whether the browser shows that this account was signed in to in it before. That is all a
/// try is judged by: whether there is such an account would show in the answer.
#[derive(Clone, Debug)]
pub struct Try {
    pub account: String,
    pub source: String,
    pub known: bool,
}

/// What is counted, as the keyed hashes under which it lies.
struct Marks {
    /// The account from this source. For a known browser it is the only count, which nobody without one can raise, not
    /// even from the same office.
    both: String,
    /// Anything from this source, by browsers that are not known.
    source: String,
    /// The account from anywhere, by browsers that are not known.
    account: String,
    /// Since when this account from this source waits for what others did.
    turn: String,
}

impl Marks {
    fn all(&self) -> [String; 4] {
        [&self.both, &self.source, &self.account, &self.turn].map(Clone::clone)
    }
}

impl Try {
    fn marks(&self, ctx: &Context) -> Marks {
        let (account, source) = (&self.account, &self.source);
        let hash = |key: String| ctx.house.secrets.hash("try", &key);
        let both = if self.known { "known" } else { "both" };
        Marks {
            both: hash(format!("{both}:{account}:{source}")),
            source: hash(format!("source:{source}")),
            account: hash(format!("account:{account}")),
            turn: hash(format!("turn:{account}:{source}")),
        }
    }

    /// What a wrong try of this kind raises.
    fn raised(&self, marks: &Marks) -> Vec<String> {
        let mut raised = vec![marks.both.clone()];
        if !self.known {
            raised.extend([marks.source.clone(), marks.account.clone()]);
        }
        raised
    }
}

/// Whether a try may be made now.
enum Now {
    Yes,
    /// Not before this much has passed.
    Waits(Duration),
    /// Not before this much has passed, because of what others did: the source is to have its turn then, whatever the
    /// others do meanwhile.
    Queues(Duration),
}

fn judge(counts: &[Count], ctx: &Context, attempt: &Try, marks: &Marks) -> Now {
    let of = |mark: &String| counts.iter().find(|count| count.mark == *mark);
    let left = |mark: &String, longest: Duration| {
        // Of two at one moment the later may come first: what costs nothing waits for nothing.
        let counts = of(mark).filter(|count| count.wrong >= FREE);
        counts.map_or(Duration::zero(), |count| {
            count.last_at + wait(count.wrong).min(longest) - ctx.stamp()
        })
    };
    let own = left(&marks.both, LONGEST);
    if own > Duration::zero() {
        return Now::Waits(own);
    }
    if attempt.known {
        return Now::Yes;
    }
    // What others did: from here, which may be a whole office behind one address, and from everywhere else.
    let (here, anywhere) = (
        left(&marks.source, LONGEST),
        left(&marks.account, LONGEST_BY_OTHERS),
    );
    let (others, longest) = if here > Duration::zero() {
        (here.max(anywhere), LONGEST)
    } else {
        (anywhere, LONGEST_BY_OTHERS)
    };
    if others <= Duration::zero() {
        return Now::Yes;
    }
    match of(&marks.turn).map(|turn| turn.last_at + longest - ctx.stamp()) {
        None => Now::Queues(others),
        Some(turn) if turn > Duration::zero() => Now::Waits(others.min(turn)),
        Some(_) => Now::Yes,
    }
}

/// What is left of the wait, as far as saying so needs no writing: a flood of tries that are refused costs reads.
pub fn waits(conn: &mut Conn, ctx: &Context, attempt: &Try) -> Outcome<Option<Duration>> {
    let marks = attempt.marks(ctx);
    let counts = tries::of(conn, &marks.all())?;
    Ok(match judge(&counts, ctx, attempt, &marks) {
        Now::Waits(left) => Some(left),
        Now::Yes | Now::Queues(_) => None,
    })
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
    let counts = tries::of(tx.conn(), &marks.all())?;
    match judge(&counts, ctx, attempt, &marks) {
        Now::Yes => {}
        Now::Waits(left) => return Ok(Some(left)),
        Now::Queues(left) => {
            let turn = Count {
                mark: marks.turn,
                wrong: 0,
                last_at: ctx.stamp(),
            };
            tries::put(tx, &turn)?;
            return Ok(Some(left));
        }
    }
    for mark in attempt.raised(&marks) {
        let wrong = counts.iter().find(|count| count.mark == mark);
        let row = Count {
            wrong: wrong.map_or(0, |count| count.wrong).saturating_add(1),
            last_at: ctx.stamp(),
            mark,
        };
        tries::put(tx, &row)?;
    }
    tries::forget(tx, &[marks.turn])?;
    Ok(None)
}

/// Takes back the count of a try that was right: what comes next may be made as it could have been before.
pub fn undo(tx: &mut Tx<'_>, ctx: &Context, attempt: &Try) -> Outcome<()> {
    alone(tx)?;
    for count in tries::of(tx.conn(), &attempt.raised(&attempt.marks(ctx)))? {
        let wrong = count.wrong.saturating_sub(1).max(0);
        let last_at = count.last_at.min(ctx.stamp() - wait(wrong));
        let row = Count {
            wrong,
            last_at,
            ..count
        };
        tries::put(tx, &row)?;
    }
    Ok(())
}

/// Takes back the count of a last try that was right, and forgets the wrong tries of somebody who then signed in. What
/// strangers did elsewhere stays counted.
pub fn right(tx: &mut Tx<'_>, ctx: &Context, attempt: &Try) -> Outcome<()> {
    undo(tx, ctx, attempt)?;
    let marks = attempt.marks(ctx);
    Ok(tries::forget(tx, &[marks.both, marks.turn])?)
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
