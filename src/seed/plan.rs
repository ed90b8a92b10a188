//! Which synthetic cases there are: who died when of what, and what is out of the ordinary about the review.
//! All of it follows from the order alone. Must not know how anything is written.

use chrono::{Datelike, Days, NaiveDate};

use super::World;
use super::chance::Chance;
use super::child::Child;
use super::names::NhsNumbers;
use super::story::Story;

/// What is out of the ordinary about one review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    Plain,
    /// Sent early and completed the next day.
    Early,
    /// One agency does not answer.
    Late,
    /// One agency's answers are sent back once.
    SentBack,
    /// One agency did not know the child.
    Nil,
    /// Two agencies differ, and the coordinator settles it.
    Differ,
    /// Two agencies differ, and nobody has settled it yet.
    Unsettled,
    /// Notified twice; the second notification is joined to the case.
    Twice,
    /// The panel puts it off once.
    Deferred,
    /// Reopened after it was finalised.
    Reopened,
}

/// One case to be made.
#[derive(Debug, Clone)]
pub struct Plan {
    pub child: Child,
    /// Place of the story in the list.
    pub story: usize,
    pub quirk: Quirk,
    /// So young that it must be notified in time to be a case at all.
    pub recent: bool,
    /// What this case draws from.
    pub chance: Chance,
}

/// Financial years that a caseload spans, with the one that runs.
const YEARS: i32 = 3;
/// The youngest case, in days: long enough for its notification to have been decided.
const YOUNGEST: u64 = 8;
/// Below this many, more of the cases are recent, so that every stage is there.
const FEW: usize = 300;

/// The first day of the span: 1 April.
pub fn first_day(today: NaiveDate) -> NaiveDate {
    let started = today.year() - i32::from(today.month() < 4);
    NaiveDate::from_ymd_opt(started - YEARS + 1, 4, 1)
        .filter(|first| (today - *first).num_days() > 730)
        .or_else(|| NaiveDate::from_ymd_opt(started - YEARS, 4, 1))
        .unwrap_or(today)
}

/// The days of death of `n` cases, the oldest first.
fn days(n: usize, today: NaiveDate, chance: &mut Chance) -> Vec<NaiveDate> {
    let span = u64::try_from((today - first_day(today)).num_days()).unwrap_or(1);
    let scale = u64::try_from(n).unwrap_or(1).max(1) * 1_000;
    let mut days: Vec<NaiveDate> = (0..n)
        .map(|i| {
            let place = u64::try_from(i).unwrap_or(0) * 1_000 + chance.below(1_000);
            // A small caseload leans towards today.
            let even = span * place / scale;
            let back = if n < FEW {
                (even * 7 + 3 * span * (place * place / scale) / scale) / 10
            } else {
                even
            };
            today - Days::new(back + YOUNGEST)
        })
        .collect();
    days.sort();
    days
}

/// Every case of an order, the oldest death first.
pub fn cases(world: &World, n: usize, numbers: &mut NhsNumbers) -> Vec<Plan> {
    let chance = world.chance.branch("cases");
    let days = days(n, world.today, &mut chance.branch("days"));
    let mut plans: Vec<Plan> = Vec::with_capacity(n);
    for (index, died) in days.into_iter().enumerate() {
        let mut own = chance.nth(u64::try_from(index).unwrap_or(0));
        let twin = if index % 41 == 7 {
            twin(&mut plans, numbers, &mut own)
        } else {
            None
        };
        let (child, story) = twin.unwrap_or_else(|| {
            let story = draw(&world.stories, &mut own);
            let child = world
                .stories
                .get(story)
                .map(|s| Child::any(&world.house, s, died, numbers, &mut own));
            (child, story)
        });
        let Some(child) = child else { continue };
        let age = (world.today - child.died).num_days();
        plans.push(Plan {
            quirk: quirk(index, age),
            recent: age < 21,
            child,
            story,
            chance: own,
        });
    }
    plans
}

/// The other of two, where the case before is of a newborn.
fn twin(
    plans: &mut [Plan],
    numbers: &mut NhsNumbers,
    chance: &mut Chance,
) -> Option<(Option<Child>, usize)> {
    let first = plans.last_mut().filter(|p| p.child.days() < 28)?;
    let second = first.child.twin_of(numbers, chance);
    Some((Some(second), first.story))
}

fn draw(stories: &[Story], chance: &mut Chance) -> usize {
    let Some(drawn) = Story::any(stories, chance) else {
        return 0;
    };
    stories
        .iter()
        .position(|story| story.name == drawn.name)
        .unwrap_or(0)
}

/// Recent reviews differ in how the agencies answer, old ones in how they end.
fn quirk(index: usize, age: i64) -> Quirk {
    match (age, index % 12) {
        (..=75, 0) | (76.., 5) => Quirk::Late,
        (..=75, 2) => Quirk::SentBack,
        (_, 4) => Quirk::Nil,
        (15..=75, 6 | 9) => Quirk::Unsettled,
        (_, 7) => Quirk::Early,
        (_, 8) => Quirk::Twice,
        (76.., 9) => Quirk::Differ,
        (76.., 10) => Quirk::Deferred,
        (450.., 11) => Quirk::Reopened,
        _ => Quirk::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_span_is_about_three_financial_years() {
        assert_eq!(first_day(day("2026-07-01")), day("2024-04-01"));
        assert_eq!(first_day(day("2026-04-01")), day("2023-04-01"));
        assert_eq!(first_day(day("2026-03-01")), day("2023-04-01"));
        for n in [1, 40, 1_000] {
            let days = days(n, day("2026-07-01"), &mut Chance::new(1));
            assert_eq!(days.len(), n);
            assert!(
                days.iter()
                    .all(|d| *d >= day("2024-03-20") && *d < day("2026-06-24"))
            );
        }
    }
}
