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
    /// Waits for an inquest, or did.
    Inquest,
    /// Ready for a panel that has no day yet.
    Ready,
    /// Listed for a panel that is still to come.
    Listed,
    /// The panel met a few days ago.
    Analysed,
    /// Finalised a few days ago.
    Finalised,
}

impl Quirk {
    /// Whether a small caseload would miss it: an old case that was once answered late is like any other.
    pub const fn shows_when(self, age: i64) -> bool {
        match self {
            Self::Plain => false,
            Self::Inquest | Self::Ready | Self::Listed | Self::Analysed | Self::Finalised => true,
            Self::Reopened | Self::Deferred | Self::Differ => age > 420,
            _ => age <= 75,
        }
    }

    /// Whether it stands where it stands because of the day of the order, so that a copy some weeks older
    /// would not be believed.
    pub const fn is_of_today(self) -> bool {
        matches!(self, Self::Listed | Self::Analysed | Self::Finalised)
    }
}

/// What is out of the ordinary, in turn: while agencies answer, until the panel, and after.
const RECENT: &[Quirk] = &[
    Quirk::Late,
    Quirk::Plain,
    Quirk::Unsettled,
    Quirk::Nil,
    Quirk::SentBack,
    Quirk::Twice,
    Quirk::Plain,
    Quirk::Early,
    Quirk::Plain,
];
const UNDER_REVIEW: &[Quirk] = &[
    Quirk::Plain,
    Quirk::Inquest,
    Quirk::Listed,
    Quirk::Plain,
    Quirk::Analysed,
    Quirk::Ready,
    Quirk::Inquest,
    Quirk::Late,
    Quirk::Finalised,
    Quirk::Nil,
    Quirk::Plain,
];
const DONE: &[Quirk] = &[
    Quirk::Plain,
    Quirk::Differ,
    Quirk::Reopened,
    Quirk::Plain,
    Quirk::Plain,
    Quirk::Nil,
    Quirk::Deferred,
    Quirk::Plain,
    Quirk::Twice,
    Quirk::Plain,
    Quirk::Early,
    Quirk::Plain,
    Quirk::SentBack,
    Quirk::Plain,
];

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
    let mut turns = [0_usize; 3];
    for (index, died) in days.into_iter().enumerate() {
        let mut own = chance.nth(u64::try_from(index).unwrap_or(0));
        let age = (world.today - died).num_days();
        let quirk = quirk(age, &mut turns);
        let twin = if index % 41 == 7 {
            twin(&mut plans, numbers, &mut own)
        } else {
            None
        };
        let made = twin.or_else(|| {
            let story = draw(&world.stories, quirk, &mut own);
            let of = world.stories.get(story)?;
            Some((Child::any(&world.house, of, died, numbers, &mut own), story))
        });
        let Some((child, story)) = made else { continue };
        plans.push(Plan {
            child,
            story,
            quirk,
            recent: age < 21,
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
) -> Option<(Child, usize)> {
    let first = plans.last_mut().filter(|p| p.child.days() < 28)?;
    let second = first.child.twin_of(numbers, chance);
    Some((second, first.story))
}

fn draw(stories: &[Story], quirk: Quirk, chance: &mut Chance) -> usize {
    let fits = |story: &Story| match quirk {
        Quirk::Inquest => story.inquest.is_some(),
        Quirk::Ready | Quirk::Listed | Quirk::Analysed | Quirk::Finalised => {
            story.inquest.is_none()
        }
        _ => true,
    };
    let drawn = chance.weighted(stories, |story| if fits(story) { story.weight } else { 0 });
    stories
        .iter()
        .position(|story| drawn.is_some_and(|drawn| drawn.name == story.name))
        .unwrap_or(0)
}

/// The next in turn for a review of this age.
fn quirk(age: i64, turns: &mut [usize; 3]) -> Quirk {
    let [recent, under_review, done] = turns;
    let (list, turn) = match age {
        ..=75 => (RECENT, recent),
        76..=420 => (UNDER_REVIEW, under_review),
        _ => (DONE, done),
    };
    *turn += 1;
    let next = list.get((*turn - 1) % list.len()).copied();
    next.filter(|quirk| fits_age(*quirk, age))
        .unwrap_or(Quirk::Plain)
}

/// A quirk that only some ages can have.
const fn fits_age(quirk: Quirk, age: i64) -> bool {
    match quirk {
        Quirk::Unsettled => age >= 25,
        Quirk::Ready => age >= 170 && age <= 300,
        Quirk::Listed | Quirk::Analysed | Quirk::Finalised => age >= 200,
        Quirk::Reopened => age >= 520,
        _ => true,
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
