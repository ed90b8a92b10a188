//! A believable synthetic caseload: nobody in it ever lived, and every name says so.
//!
//! The same seed and the same day give the same rows, whatever the machine (keyed hashes follow the key file).
//! Up to [`WHOLE_LIVES`] cases are made as in life: each step of the diary of a case is done by the casework verb
//! that a person would use, at its own time, up to the day of the order. So states, records, kept counts, mails
//! and the audit trail are those of real work. Larger orders go on by copying those cases row by row
//! (see [`copy`]), some weeks earlier each time, with another child in each.
//!
//! Must not hold rules: what a case needs comes from the dictionary and the casework verbs.

mod agency;
mod chance;
mod child;
mod facts;
mod fill;
mod known;
mod life;
mod names;
mod panel;
mod people;
mod plain;
mod plan;
mod schedule;
mod story;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::casework::{Context, Error, House, Outcome};
use crate::domain::actor::Actor;
use crate::domain::calendar::utc_of_london;
use crate::domain::event::Event;
use crate::store::Db;
use chance::Chance;
use names::NhsNumbers;
use story::Story;

pub use people::{Person, add_people, demo_people};

/// Cases made by the verbs; what is ordered beyond is copied from them.
pub const WHOLE_LIVES: usize = 2_000;
/// Cases in one transaction.
const TOGETHER: usize = 25;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// How many cases; a few more notifications wait to be decided.
    pub cases: usize,
    pub seed: u64,
    /// The day as of which the caseload is made: nothing in it is later.
    pub today: NaiveDate,
}

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    pub cases: usize,
    /// Notifications that are no case of their own.
    pub notifications: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} synthetic cases and {} further notifications",
            self.cases, self.notifications
        )
    }
}

/// What every case of an order shares.
pub(crate) struct World {
    pub house: Arc<House>,
    pub stories: Vec<Story>,
    pub chance: Chance,
    pub today: NaiveDate,
    /// Nothing happens after this moment: the night before the day of the order.
    pub end: DateTime<Utc>,
}

impl World {
    fn new(house: &Arc<House>, order: &Order) -> Outcome<Self> {
        Ok(Self {
            house: Arc::clone(house),
            stories: story::load().map_err(Error::Internal)?,
            chance: Chance::new(order.seed),
            today: order.today,
            end: utc_of_london(order.today.and_time(NaiveTime::MIN)),
        })
    }
}

/// Makes the caseload.
pub fn run(db: &Db, house: &Arc<House>, order: &Order) -> Result<Report, Error> {
    let world = Arc::new(World::new(house, order)?);
    let mut numbers = NhsNumbers::from(&mut world.chance.branch("numbers"));
    let plans = plan::cases(&world, order.cases.min(WHOLE_LIVES), &mut numbers);
    let mut report = Report::default();
    for some in plans.chunks(TOGETHER) {
        let (world, some) = (Arc::clone(&world), some.to_vec());
        let made = db.write(move |tx| {
            let mut made = Report::default();
            for plan in &some {
                made.notifications += life::lead(tx, &world, plan)?;
                made.cases += 1;
            }
            Ok::<_, Error>(made)
        })?;
        report.cases += made.cases;
        report.notifications += made.notifications;
    }
    seeded(db, &world, order)?;
    Ok(report)
}

/// Leaves word in the audit trail that what is here is synthetic.
fn seeded(db: &Db, world: &World, order: &Order) -> Outcome<()> {
    let ctx = Context::new(&world.house, world.end, Actor::operator(), "seed");
    let event = Event::Seeded {
        cases: order.cases,
        seed: order.seed,
    };
    db.write(move |tx| crate::casework::record(tx, &ctx, None, None, &event))
}
