//! A believable synthetic caseload: nobody in it ever lived, and every name says so.
//!
//! The same seed and the same day give the same rows, whatever the machine (keyed hashes follow the key file).
//! Some cases are made as in life: each step of the diary of a case is done by the casework verb that a person
//! would use, at its own time, up to the day of the order, so that states, records, kept counts, mails and the
//! audit trail are those of real work. The others are copied from those row by row, some weeks earlier, with
//! another child in each ([`copy`]); [`division`] says which. Of 120 cases about a quarter are led, among them every
//! recent one; of 100,000 some 500. A led case costs about twenty times a copied one.
//!
//! Must not hold rules: what a case needs comes from the dictionary and the casework verbs.

mod agency;
mod assigned;
mod beside;
mod chance;
mod child;
mod copy;
mod division;
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
mod sitting;
mod story;
#[cfg(test)]
mod tests;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::AddAssign;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::casework::{Context, Error, House, Outcome};
use crate::domain::actor::Actor;
use crate::domain::calendar::utc_of_london;
use crate::domain::event::Event;
use crate::store::{Db, Tx};
use chance::Chance;
use copy::{Copy, Template};
use division::Making;
use names::NhsNumbers;
use plan::{Plan, Quirk};
use story::Story;
use waiting::Waiting;

pub use people::{Person, add_people, demo_members, demo_people};

/// Cases led in one transaction.
const LED_TOGETHER: usize = 25;
/// Copies written in one transaction.
const COPIED_TOGETHER: usize = 200;

/// The largest caseload whose copied cases are given their clocks at once.
const CLOCKED: usize = 2_000;

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

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.cases += other.cases;
        self.notifications += other.notifications;
    }
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
    /// The panel that met a few days ago: its id and day. A small caseload has none.
    pub held: Option<(String, NaiveDate)>,
}

impl World {
    fn new(house: &Arc<House>, order: &Order) -> Outcome<Self> {
        Ok(Self {
            house: Arc::clone(house),
            stories: story::load().map_err(Error::Internal)?,
            chance: Chance::new(order.seed),
            today: order.today,
            end: utc_of_london(order.today.and_time(NaiveTime::MIN)),
            held: None,
        })
    }
}

/// Makes the caseload.
pub fn run(db: &Db, house: &Arc<House>, order: &Order) -> Result<Report, Error> {
    let mut world = World::new(house, order)?;
    world.held = sitting::arrange(db, &world, order.cases)?;
    let world = Arc::new(world);
    let mut numbers = NhsNumbers::from(&mut world.chance.branch("numbers"));
    let plans = plan::cases(&world, order.cases, &mut numbers);
    let died: Vec<(NaiveDate, Quirk)> = plans.iter().map(|p| (p.child.died, p.quirk)).collect();
    let division = division::of(&died, world.today, &world.chance);
    let mut report = Report::default();
    let mut templates: BTreeMap<usize, Arc<Template>> = BTreeMap::new();
    let copied: BTreeSet<usize> = division
        .iter()
        .filter_map(|m| match m {
            Making::Copy { of, .. } => Some(*of),
            Making::Whole => None,
        })
        .collect();
    let whole: Vec<(usize, Plan, bool)> = plans
        .iter()
        .zip(&division)
        .enumerate()
        .filter(|(_, (_, making))| **making == Making::Whole)
        .map(|(place, (plan, _))| (place, plan.clone(), copied.contains(&place)))
        .collect();
    for some in whole.chunks(LED_TOGETHER) {
        let (led, read) = lead(db, &world, some.to_vec())?;
        report += led;
        templates.extend(read);
    }
    let mut replicas = Vec::new();
    for (plan, way) in plans.iter().zip(&division) {
        if let Making::Copy { of, weeks } = way
            && let Some(template) = templates.get(of)
        {
            let chance = plan.chance.branch("copy");
            let copy = Copy::any(template, *weeks, &mut numbers, chance);
            replicas.push((Arc::clone(template), copy));
        }
    }
    for some in replicas.chunks(COPIED_TOGETHER) {
        report += write_copies(db, &world, some.to_vec(), order.cases <= CLOCKED)?;
    }
    let waiting = waiting::some(&world, order.cases, &mut numbers);
    report.notifications += waiting.len();
    send(db, &world, waiting)?;
    seeded(db, &world, order)?;
    Ok(report)
}

type Templates = Vec<(usize, Arc<Template>)>;

/// Leads some cases through their lives, and reads back those that others are copied from.
fn lead(
    db: &Db,
    world: &Arc<World>,
    some: Vec<(usize, Plan, bool)>,
) -> Outcome<(Report, Templates)> {
    let world = Arc::clone(world);
    db.write(move |tx| {
        let mut made = Report::default();
        let mut read = Vec::new();
        for (place, plan, copied) in some {
            let led = life::lead(tx, &world, &plan)?;
            made.notifications += led.notifications;
            made.cases += usize::from(led.case.is_some());
            if let (true, Some(case)) = (copied, led.case) {
                tx.write_noted()?;
                let template = Template::read(tx.conn(), &plan.child, case)?;
                read.push((place, Arc::new(template)));
            }
        }
        Ok((made, read))
    })
}

fn write_copies(
    db: &Db,
    world: &Arc<World>,
    some: Vec<(Arc<Template>, Copy)>,
    clocked: bool,
) -> Outcome<Report> {
    let world = Arc::clone(world);
    db.write(move |tx| {
        let mut made = Report::default();
        for (template, copy) in some {
            copy::write(tx, &world, &template, &copy, clocked)?;
            made.cases += 1;
            made.notifications += template.notifications.len().saturating_sub(1);
        }
        Ok(made)
    })
}

fn send(db: &Db, world: &Arc<World>, some: Vec<Waiting>) -> Outcome<()> {
    let world = Arc::clone(world);
    db.write(move |tx| {
        for one in &some {
            waiting::make(tx, &world, one)?;
        }
        tx.unchanged();
        Ok(())
    })
}

/// The directory: those who are asked in the caseload.
fn directory(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<()> {
    for (agency, name) in agency::everybody(ctx.house.dictionary()) {
        let typed = crate::casework::directory::Typed {
            email: names::email(&name),
            name: format!("Sample {name}"),
            organisation: "Sample Organisation".into(),
            agency,
            ..Default::default()
        };
        match crate::casework::directory::add(tx, ctx, &typed) {
            // A second caseload in the same database finds it there.
            Ok(_) | Err(Error::Invalid(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// Leaves word in the audit trail that what is here is synthetic.
fn seeded(db: &Db, world: &Arc<World>, order: &Order) -> Outcome<()> {
    let ctx = Context::new(&world.house, world.end, Actor::operator(), "seed");
    let event = Event::Seeded {
        cases: order.cases,
        seed: order.seed,
    };
    let world = Arc::clone(world);
    let cases = order.cases;
    db.write(move |tx| {
        assigned::some(tx, &world)?;
        sitting::hold(tx, &world)?;
        sitting::to_come(tx, &world)?;
        sitting::look_backs(tx, &world)?;
        beside::some(tx, &world, cases)?;
        sitting::mails_left(tx, &world)?;
        directory(tx, &ctx)?;
        crate::casework::record(tx, &ctx, None, None, &event)
    })
}
