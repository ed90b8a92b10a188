//! Notifications that are no cases: some wait to be decided, among them two of the same child, two of twins,
//! one sent early, one from outside the area and one that is out of scope; some were decided so already. Must
//! not know how a notification is sent.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

use super::World;
use super::child::Child;
use super::life;
use super::names::{self, NhsNumbers};
use super::plan::Quirk;
use super::story::Story;
use crate::casework::{Error, Outcome, triage};
use crate::domain::calendar::utc_of_london;
use crate::domain::form::Answer;
use crate::domain::scope;
use crate::store::{Tx, notifications};

/// What is out of the ordinary about one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Early,
    /// The same child as the one before, from another service.
    Again,
    /// The twin of the one before.
    Twin,
    OutsideArea,
    Stillbirth,
    Transferred,
    OutOfScope,
}

/// One notification to be made.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub kind: Kind,
    pub child: Child,
    pub story: usize,
    pub sent: DateTime<Utc>,
    pub number: u64,
}

const KINDS: [Kind; 10] = [
    Kind::Plain,
    Kind::Again,
    Kind::Plain,
    Kind::Twin,
    Kind::OutsideArea,
    Kind::Early,
    Kind::Stillbirth,
    Kind::Transferred,
    Kind::OutOfScope,
    Kind::Plain,
];

/// The notifications beside so many cases: none beside very few, every kind beside twenty.
pub fn some(world: &World, cases: usize, numbers: &mut NhsNumbers) -> Vec<Waiting> {
    let n = if cases < 20 {
        cases.min(2)
    } else {
        10 + cases / 100
    }
    .min(60);
    let mut all: Vec<Waiting> = Vec::new();
    for (number, kind) in (0_u64..).zip(KINDS.iter().cycle().take(n)) {
        let made = one(world, *kind, number, &mut all, numbers);
        all.extend(made);
    }
    all
}

fn one(
    world: &World,
    kind: Kind,
    number: u64,
    before: &mut [Waiting],
    numbers: &mut NhsNumbers,
) -> Option<Waiting> {
    let mut chance = world.chance.branch("waiting").nth(number);
    let old = matches!(kind, Kind::Transferred | Kind::OutOfScope);
    let days = if old {
        chance.between(60, 300)
    } else {
        chance.between(1, 3)
    };
    let died = super::child::day_before(world.today, days + 1);
    let sent = sent(died, &mut chance);
    let fits = |s: &&Story| match kind {
        Kind::Twin | Kind::Stillbirth | Kind::OutOfScope => s.days.0 == 0,
        _ => s.days.0 > 0,
    };
    let stories: Vec<Story> = world.stories.iter().filter(fits).cloned().collect();
    if let (Kind::Again | Kind::Twin, Some(last)) = (kind, before.last_mut()) {
        let child = if kind == Kind::Again {
            Child {
                nhs_number: None,
                ..last.child.clone()
            }
        } else {
            last.child.twin_of(numbers, &mut chance)
        };
        let story = last.story;
        let sent = last.sent + Duration::minutes(chance.between(20, 90));
        return Some(Waiting {
            kind,
            child,
            story,
            sent,
            number,
        });
    }
    let drawn = chance.weighted(&stories, |story| story.weight)?;
    let story = world.stories.iter().position(|s| s.name == drawn.name)?;
    let mut child = Child::any(&world.house, drawn, died, numbers, &mut chance);
    if matches!(kind, Kind::OutsideArea | Kind::Transferred) {
        "other".clone_into(&mut child.authority);
        child.postcode = names::postcode(&mut chance, "TN37");
    }
    if matches!(kind, Kind::Stillbirth | Kind::OutOfScope) {
        child.born = child.died;
        child.nhs_number = None;
        child.gestation = 31;
    }
    Some(Waiting {
        kind,
        child,
        story,
        sent,
        number,
    })
}

/// The same or the next day, in the evening at the latest.
fn sent(died: NaiveDate, chance: &mut super::chance::Chance) -> DateTime<Utc> {
    let minute = u32::try_from(chance.between(9 * 60, 21 * 60)).unwrap_or(600);
    let time = NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap_or_default();
    utc_of_london((died + Duration::days(1)).and_time(time))
}

/// Sends one, and decides on it where that was done already.
pub fn make(tx: &mut Tx<'_>, world: &World, one: &Waiting) -> Outcome<()> {
    let quirk = if one.kind == Kind::Early {
        Quirk::Early
    } else {
        Quirk::Plain
    };
    let chance = world.chance.branch("waiting").nth(one.number);
    let id = life::only_notify(tx, world, &one.plan(quirk, chance), one.sent, |known| {
        if matches!(one.kind, Kind::Stillbirth | Kind::OutOfScope) {
            known.put("live_birth_confirmed", "no");
            known.set("gestation_weeks", Answer::Integer(31));
        }
    })?;
    let (decision, after) = match one.kind {
        Kind::Transferred => (
            triage::Decision::Transfer {
                to: "Example County child death overview panel".into(),
                reason: "Agreed by telephone: the child lived in their area.".into(),
            },
            3,
        ),
        Kind::OutOfScope => (
            triage::Decision::OutOfScope {
                outcome: scope::Outcome::ExcludedStillbirth,
                reason: "The maternity record shows that no signs of life were seen.".into(),
            },
            1,
        ),
        _ => return Ok(()),
    };
    let row = notifications::get(tx.conn(), &id)?.ok_or(Error::NotFound)?;
    let ctx = life::coordinator(world, one.sent + Duration::days(after));
    triage::decide(tx, &ctx, &id, row.version, &decision).map(|_| ())
}

impl Waiting {
    fn plan(&self, quirk: Quirk, chance: super::chance::Chance) -> super::plan::Plan {
        super::plan::Plan {
            child: self.child.clone(),
            story: self.story,
            quirk,
            recent: true,
            chance,
        }
    }
}
