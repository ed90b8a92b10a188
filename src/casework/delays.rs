//! The growing wait after wrong passwords and codes, for each account and each source, in memory. A stranger can
//! make strangers wait, never the person who signed in from the same place before, and nobody for good. Must not
//! know whether an address has an account.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

/// Wrong tries that cost nothing: people mistype.
const FREE: u32 = 5;
/// The longest wait.
const LONGEST: Duration = Duration::minutes(15);
/// After this much quiet a count is forgotten.
const FORGET: Duration = Duration::hours(1);
/// More counts than this are not kept: the oldest go first.
const MOST: usize = 50_000;

/// How long to wait after this many wrong tries in a row.
pub fn wait(wrong: u32) -> Duration {
    if wrong < FREE {
        return Duration::zero();
    }
    let seconds = 1_i64 << (wrong - FREE).min(20);
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
    fn keys(&self) -> Vec<String> {
        if self.known {
            vec![format!("both:{}:{}", self.account, self.source)]
        } else {
            vec![
                format!("account:{}", self.account),
                format!("source:{}", self.source),
            ]
        }
    }
}

#[derive(Clone, Copy)]
struct Count {
    wrong: u32,
    last: DateTime<Utc>,
}

/// The counts of this process.
#[derive(Default)]
pub struct Delays {
    counts: Mutex<HashMap<String, Count>>,
}

impl Delays {
    /// Begins a try, which counts as wrong until [`Delays::undo`]: many at one moment gain nothing. Refused with
    /// what is left of the wait.
    pub fn begin(&self, attempt: &Try, now: DateTime<Utc>) -> Result<(), Duration> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = left(&counts, attempt, now) {
            return Err(left);
        }
        count(&mut counts, attempt, now);
        Ok(())
    }

    /// Takes back the count of a try that was right.
    pub fn undo(&self, attempt: &Try) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for key in attempt.keys() {
            if let Some(count) = counts.get_mut(&key) {
                count.wrong = count.wrong.saturating_sub(1);
            }
        }
    }

    /// Forgets the wrong tries of somebody who then signed in. What strangers did elsewhere stays counted.
    pub fn right(&self, attempt: &Try) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let both = Try {
            known: true,
            ..attempt.clone()
        };
        for key in both.keys() {
            counts.remove(&key);
        }
    }
}

/// How long a try must still wait; nothing when it may be made now.
fn left(counts: &HashMap<String, Count>, attempt: &Try, now: DateTime<Utc>) -> Option<Duration> {
    attempt
        .keys()
        .iter()
        .filter_map(|key| counts.get(key))
        .map(|count| count.last + wait(count.wrong) - now)
        .max()
        .filter(|left| *left > Duration::zero())
}

fn count(counts: &mut HashMap<String, Count>, attempt: &Try, now: DateTime<Utc>) {
    if counts.len() >= MOST {
        make_room(counts, now);
    }
    for key in attempt.keys() {
        let count = counts.entry(key).or_insert(Count {
            wrong: 0,
            last: now,
        });
        if count.last + FORGET < now {
            count.wrong = 0;
        }
        count.wrong = count.wrong.saturating_add(1);
        count.last = now;
    }
}

fn make_room(counts: &mut HashMap<String, Count>, now: DateTime<Utc>) {
    counts.retain(|_, count| count.last + FORGET >= now);
    if counts.len() >= MOST {
        let mut times: Vec<DateTime<Utc>> = counts.values().map(|c| c.last).collect();
        times.sort_unstable();
        if let Some(middle) = times.get(times.len() / 2).copied() {
            counts.retain(|_, count| count.last > middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(account: &str, source: &str, known: bool) -> Try {
        Try {
            account: account.into(),
            source: source.into(),
            known,
        }
    }

    fn wrong(delays: &Delays, attempt: &Try, now: DateTime<Utc>) {
        count(&mut delays.counts.lock().unwrap(), attempt, now);
    }

    fn left_of(delays: &Delays, attempt: &Try, now: DateTime<Utc>) -> Option<Duration> {
        left(&delays.counts.lock().unwrap(), attempt, now)
    }

    #[test]
    fn a_try_counts_until_it_was_right() {
        let delays = Delays::default();
        let stranger = attempt("a", "s", false);
        for _ in 0..20 {
            assert!(delays.begin(&stranger, at(0)).is_ok());
            delays.undo(&stranger);
        }
        for _ in 0..FREE {
            assert!(delays.begin(&stranger, at(0)).is_ok());
        }
        assert_eq!(delays.begin(&stranger, at(0)), Err(Duration::seconds(1)));
        assert!(delays.begin(&stranger, at(1)).is_ok());
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn the_wait_grows_and_ends() {
        assert_eq!(wait(4), Duration::zero());
        let waits: Vec<i64> = (5..9).map(|n| wait(n).num_seconds()).collect();
        assert_eq!(waits, [1, 2, 4, 8]);
        assert_eq!(wait(u32::MAX), LONGEST);
        for n in 0..60 {
            assert!(wait(n) <= wait(n + 1));
        }
    }

    #[test]
    fn a_stranger_makes_strangers_wait_and_not_the_person() {
        let delays = Delays::default();
        for _ in 0..30 {
            wrong(&delays, &attempt("a", "stranger", false), at(0));
        }
        assert_eq!(
            left_of(&delays, &attempt("a", "other", false), at(0)),
            Some(LONGEST)
        );
        assert_eq!(
            left_of(&delays, &attempt("b", "stranger", false), at(0)),
            Some(LONGEST)
        );
        assert_eq!(
            left_of(&delays, &attempt("a", "stranger", true), at(0)),
            None
        );
        assert_eq!(left_of(&delays, &attempt("b", "other", false), at(0)), None);
        let later = at(LONGEST.num_seconds());
        assert_eq!(
            left_of(&delays, &attempt("a", "other", false), later),
            None,
            "no lock is for good"
        );
    }

    #[test]
    fn a_known_source_waits_for_its_own_mistakes_until_it_is_right() {
        let delays = Delays::default();
        let known = attempt("a", "home", true);
        for _ in 0..8 {
            wrong(&delays, &known, at(0));
        }
        assert!(left_of(&delays, &known, at(7)).is_some());
        assert!(left_of(&delays, &known, at(8)).is_none());
        delays.right(&known);
        assert!(left_of(&delays, &known, at(0)).is_none());
        wrong(&delays, &attempt("c", "x", false), at(0));
        for n in 0..3 {
            wrong(&delays, &attempt("c", "x", false), at(n + 3601));
        }
        assert!(
            left_of(&delays, &attempt("c", "x", false), at(3604)).is_none(),
            "quiet forgets"
        );
    }

    #[test]
    fn a_flood_does_not_fill_the_memory() {
        let delays = Delays::default();
        for n in 0..60_000_u32 {
            wrong(
                &delays,
                &attempt(&n.to_string(), "s", false),
                at(i64::from(n) / 1000),
            );
        }
        assert!(delays.counts.lock().unwrap().len() <= MOST + 2);
    }
}
