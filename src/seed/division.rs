//! Which cases of an order are led through their whole life and which are copied from one of those: a copy is
//! some whole weeks older than its first, and few enough that what was due of the one is still plausible of
//! the other. Must not know how either is written.

use chrono::NaiveDate;

use super::chance::Chance;
use super::plan::Quirk;

/// How a case is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    Whole,
    /// From the case at this place, so many weeks earlier.
    Copy {
        of: usize,
        weeks: i64,
    },
}

/// A stretch of ages in which copies are made in one way.
#[derive(Clone, Copy)]
struct Band {
    /// The youngest and the oldest, in days since the death.
    from: i64,
    to: i64,
    /// How much older than its first a copy may be.
    reach: i64,
    /// How many firsts there are to be in the whole band.
    firsts: usize,
}

/// A young review changes from week to week; of the old ones nearly every one is finished.
fn bands(n: usize) -> [Band; 3] {
    let every_one = n <= 400;
    [
        Band {
            from: 0,
            to: 75,
            reach: 14,
            firsts: if every_one { n } else { 150 },
        },
        Band {
            from: 76,
            to: 420,
            reach: 56,
            firsts: (n / 20).clamp(4, 230),
        },
        Band {
            from: 421,
            to: 1_200,
            reach: 1_200,
            firsts: (n / 20).clamp(5, 120),
        },
    ]
}

impl Band {
    /// How many firsts there should be up to an age, spread evenly over the band.
    fn wanted(&self, age: i64) -> usize {
        let (whole, part) = (self.to - self.from + 1, age - self.from + 1);
        let firsts = i64::try_from(self.firsts).unwrap_or(i64::MAX / 2_000);
        usize::try_from((firsts * part).div_euclid(whole) + 1).unwrap_or(0)
    }
}

/// How each of these cases is made; the oldest death comes first.
pub fn of(died: &[(NaiveDate, Quirk)], today: NaiveDate, chance: &Chance) -> Vec<Making> {
    let mut chance = chance.branch("division");
    let mut making = vec![Making::Whole; died.len()];
    let bands = bands(died.len());
    // Place and age of each first of the band, the youngest at the front.
    let mut firsts: Vec<(usize, i64)> = Vec::new();
    let mut current = 0;
    // The youngest of each quirk is led, so that a small caseload has them all.
    let mut seen: Vec<Quirk> = Vec::new();
    for (place, (day, quirk)) in died.iter().enumerate().rev() {
        let age = (today - *day).num_days();
        let Some(band) = bands.iter().find(|band| age <= band.to) else {
            continue;
        };
        if band.from != current {
            firsts.clear();
            seen.clear();
            current = band.from;
        }
        let near = firsts.partition_point(|(_, first)| *first < age - band.reach);
        let fit = firsts.get(near..).unwrap_or_default();
        let new = quirk.shows_when(age) && !seen.contains(quirk);
        if new {
            seen.push(*quirk);
        }
        let enough = !new && firsts.len() >= band.wanted(age);
        match chance.pick(fit).filter(|_| enough) {
            Some((of, first)) => {
                let copy = Making::Copy {
                    of: *of,
                    weeks: (age - first) / 7,
                };
                if let Some(held) = making.get_mut(place) {
                    *held = copy;
                }
            }
            None if quirk.is_of_today() => {}
            None => firsts.push((place, age)),
        }
    }
    making
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_order_has_few_firsts_and_a_small_one_leads_every_recent_case() {
        let today = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        for n in [1_usize, 30, 120, 1_000, 20_000] {
            let died: Vec<(NaiveDate, Quirk)> = (0..n)
                .map(|i| {
                    (
                        today - chrono::Days::new(2 + ((n - 1 - i) * 1_100 / n) as u64),
                        Quirk::Plain,
                    )
                })
                .collect();
            let making = of(&died, today, &Chance::new(1));
            let whole = making.iter().filter(|m| **m == Making::Whole).count();
            assert!(whole <= 12 + n / 3 && whole <= 600, "{n}: {whole}");
            for (place, made) in making.iter().enumerate() {
                if let Making::Copy { of, weeks } = made {
                    assert!(*weeks >= 0 && making[*of] == Making::Whole && *of > place);
                }
            }
        }
    }
}
